// SPDX-License-Identifier: Apache-2.0
//
// Control subsystem: the RV32 core, its TCM, its bus and core DMA.
//
// Core address map: TCM at 0, registers (of which this module only sees the
// port) at CORE_MMIO_BASE. Instructions come from the TCM only. Any other
// access, and a register write of less than a word, gets an error response.
//
// The TCM's data port serves, in this order: core DMA, which cannot wait; the
// host's window, which is only open while the core does not run; the report on a
// job's end; the core. Core DMA takes at most 18 cycles of a transfer, a report
// seven, so the core is not starved.
//
// Timing: TCM and registers answer the core in the cycle after the grant.
module quern_ctrl (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         core_run_i,
  output logic         core_sleep_o,

  // Registers
  output logic         reg_req_o,
  output logic         reg_we_o,
  output logic [17:0]  reg_addr_o,
  output logic [31:0]  reg_wdata_o,
  input  logic         reg_gnt_i,
  input  logic         reg_rvalid_i,
  input  logic [31:0]  reg_rdata_i,
  input  logic         irq_external_i,
  input  logic         irq_timer_i,

  // Host's window on the TCM
  input  logic         win_req_i,
  input  logic         win_we_i,
  input  logic [13:0]  win_addr_i,
  input  logic [31:0]  win_wdata_i,
  output logic [31:0]  win_rdata_o,

  // Core DMA
  input  logic         cdma_start_i,
  input  logic [63:0]  cdma_host_i,
  input  logic [31:0]  cdma_tcm_i,
  input  logic [11:0]  cdma_bytes_i,
  input  logic         cdma_to_host_i,
  input  logic         cdma_entry_start_i,
  input  logic [13:0]  cdma_entry_i,
  input  logic [9:0]   cdma_entry_tcm_i,
  output logic         touch_o,
  output logic [22:0]  touch_line_o,
  output logic [3:0]   touch_asid_o,
  output logic         cdma_busy_o,
  output logic         cdma_done_o,
  output logic         cdma_error_o,

  // The job's end, with its report
  input  logic         end_i,
  output logic         end_o,
  input  logic [13:0]  report_i,
  input  logic [63:0]  cycle_i,
  output logic         counter_re_o,
  output logic [4:0]   counter_index_o,
  input  logic         counter_taken_i,
  input  logic [63:0]  counter_i,

  output logic         ar_valid_o,
  output logic [55:0]  ar_addr_o,
  output logic [7:0]   ar_len_o,
  input  logic         ar_ready_i,
  input  logic         r_valid_i,
  input  logic [127:0] r_data_i,
  input  logic         r_err_i,
  output logic         aw_valid_o,
  output logic [55:0]  aw_addr_o,
  output logic [7:0]   aw_len_o,
  input  logic         aw_ready_i,
  output logic         w_valid_o,
  output logic [127:0] w_data_o,
  output logic [15:0]  w_strb_o,
  output logic         w_last_o,
  input  logic         w_ready_i,
  input  logic         b_valid_i,
  input  logic         b_err_i
);

  localparam int unsigned TCM_BITS = $clog2(quern_pkg::TCM_BYTES);

  // Clock: while the core is awake, enters or leaves reset, or someone else uses the TCM.

  logic end_busy;
  logic clk, core_rst_n, core_rst_n_q, core_awake;

  assign core_rst_n = rst_ni && core_run_i;
  assign core_awake = core_rst_n && (!core_sleep_o || irq_external_i || irq_timer_i);

  always_ff @(posedge clk) begin : core_reset
    core_rst_n_q <= core_rst_n;
  end

  quern_clock_gate i_clk (
    .clk_i,
    .rst_ni,
    .wake_i (core_awake || core_rst_n != core_rst_n_q || win_req_i || cdma_start_i ||
             cdma_entry_start_i || cdma_busy_o || end_i || end_busy),
    .clk_o  (clk)
  );

  // Core

  logic        instr_req, instr_err_q;
  // Instruction words are aligned.
  // verilator lint_off UNUSEDSIGNAL
  logic [31:0] instr_addr;
  // verilator lint_on UNUSEDSIGNAL
  logic [31:0] instr_rdata;
  logic        data_req, data_we, data_gnt, data_rvalid, data_err;
  logic [3:0]  data_be;
  logic [31:0] data_addr, data_wdata, data_rdata;

  quern_core i_core (
    .clk_i            (clk),
    .rst_ni           (core_rst_n),
    .boot_addr_i      (32'd0),
    .instr_req_o      (instr_req),
    .instr_addr_o     (instr_addr),
    .instr_rdata_i    (instr_rdata),
    .instr_err_i      (instr_err_q),
    .data_req_o       (data_req),
    .data_we_o        (data_we),
    .data_be_o        (data_be),
    .data_addr_o      (data_addr),
    .data_wdata_o     (data_wdata),
    .data_gnt_i       (data_gnt),
    .data_rvalid_i    (data_rvalid),
    .data_rdata_i     (data_rdata),
    .data_err_i       (data_err),
    .irq_external_i,
    .irq_timer_i,
    .irq_software_i   (1'b0),
    .sleep_o          (core_sleep_o),
    // Ports for verification
    // verilator lint_off PINCONNECTEMPTY
    .trap_o           (),
    .rvfi_valid_o     (),
    .rvfi_insn_o      (),
    .rvfi_pc_o        (),
    .rvfi_pc_next_o   (),
    .rvfi_rd_addr_o   (),
    .rvfi_rd_wdata_o  (),
    .rvfi_mem_addr_o  (),
    .rvfi_mem_wmask_o (),
    .rvfi_mem_wdata_o (),
    .rvfi_trap_o      (),
    .rvfi_intr_o      ()
    // verilator lint_on PINCONNECTEMPTY
  );

  // Instructions

  logic instr_in_tcm;
  assign instr_in_tcm = instr_addr[31:TCM_BITS] == '0;

  always_ff @(posedge clk) begin : instr_response
    if (instr_req)
      instr_err_q <= !instr_in_tcm;
  end

  // Data: decode and grant

  logic in_tcm, in_regs, tcm_free, tcm_take;

  assign in_tcm   = data_addr[31:TCM_BITS] == '0;
  assign in_regs  = data_addr[31:18] == quern_pkg::CORE_MMIO_BASE[31:18] && (!data_we || data_be == 4'hf);
  assign tcm_take = data_req && in_tcm && tcm_free;
  // The grant does not depend on the request, or simulators would see a loop through the core.
  assign data_gnt = in_tcm ? tcm_free : in_regs ? reg_gnt_i : 1'b1;

  assign reg_req_o   = data_req && in_regs && core_rst_n;
  assign reg_we_o    = data_we;
  assign reg_addr_o  = data_addr[17:0];
  assign reg_wdata_o = data_wdata;

  // TCM

  logic [3:0]   cdma_words, words;
  logic [13:0]  cdma_addr, addr;
  logic [15:0]  cdma_be, be;
  logic [127:0] cdma_wdata, wdata, rdata;

  logic         rep_req, rep_gnt;
  logic [13:0]  rep_addr;
  logic [63:0]  rep_wdata;

  assign rep_gnt  = cdma_words == 4'd0 && !win_req_i;
  assign tcm_free = rep_gnt && !rep_req;

  always_comb begin : tcm_port
    words = cdma_words;
    addr  = cdma_addr;
    be    = cdma_be;
    wdata = cdma_wdata;
    if (cdma_words == 4'd0) begin
      if (win_req_i) begin
        words       = 4'd1;
        addr        = win_addr_i;
        be          = {12'd0, {4{win_we_i}}};
        wdata[31:0] = win_wdata_i;
      end else if (rep_req) begin
        words       = 4'd3;
        addr        = rep_addr;
        be          = 16'h00ff;
        wdata[63:0] = rep_wdata;
      end else if (data_req && in_tcm) begin
        // A write without bytes changes nothing and must not become a read: it is left out.
        words       = {3'd0, !data_we || data_be != 4'd0};
        addr        = data_addr[TCM_BITS-1:2];
        be          = {12'd0, data_be & {4{data_we}}};
        wdata[31:0] = data_wdata;
      end
    end
  end

  quern_tcm i_tcm (
    .clk_i         (clk),
    .instr_req_i   (instr_req && instr_in_tcm),
    .instr_addr_i  (instr_addr[TCM_BITS-1:2]),
    .instr_rdata_o (instr_rdata),
    .words_i       (words),
    .addr_i        (addr),
    .be_i          (be),
    .wdata_i       (wdata),
    .rdata_o       (rdata)
  );

  assign win_rdata_o = rdata[31:0];

  // Data: response

  logic tcm_q, error_q;       // granted in the cycle before: from the TCM, to nobody

  always_ff @(posedge clk) begin : data_response
    if (!core_rst_n) begin
      tcm_q   <= 1'b0;
      error_q <= 1'b0;
    end else if (data_req || tcm_q || error_q) begin
      tcm_q   <= tcm_take;
      error_q <= data_req && !in_tcm && !in_regs;
    end
  end

  assign data_rvalid = tcm_q || error_q || reg_rvalid_i;
  assign data_err    = error_q;
  assign data_rdata  = reg_rvalid_i ? reg_rdata_i : rdata[31:0];

  quern_report i_report (
    .clk_i           (clk),
    .rst_ni,
    .end_i,
    .end_o,
    .busy_o          (end_busy),
    // The host may have the TCM while the core does not run.
    .addr_i          (core_run_i ? report_i : 14'd0),
    .cycle_i,
    .counter_re_o,
    .counter_index_o,
    .taken_i         (counter_taken_i),
    .counter_i,
    .tcm_req_o       (rep_req),
    .tcm_addr_o      (rep_addr),
    .tcm_wdata_o     (rep_wdata),
    .tcm_gnt_i       (rep_gnt)
  );

  // Core DMA

  quern_cdma i_cdma (
    .clk_i       (clk),
    .rst_ni,
    .start_i     (cdma_start_i),
    .host_i      (cdma_host_i),
    .tcm_i       (cdma_tcm_i),
    .bytes_i     (cdma_bytes_i),
    .to_host_i   (cdma_to_host_i),
    .entry_start_i(cdma_entry_start_i),
    .entry_i     (cdma_entry_i),
    .entry_tcm_i (cdma_entry_tcm_i),
    .touch_o,
    .touch_line_o,
    .touch_asid_o,
    .busy_o      (cdma_busy_o),
    .done_o      (cdma_done_o),
    .error_o     (cdma_error_o),
    .tcm_words_o (cdma_words),
    .tcm_addr_o  (cdma_addr),
    .tcm_be_o    (cdma_be),
    .tcm_wdata_o (cdma_wdata),
    .tcm_rdata_i (rdata),
    .ar_valid_o,
    .ar_addr_o,
    .ar_len_o,
    .ar_ready_i,
    .r_valid_i,
    .r_data_i,
    .r_err_i,
    .aw_valid_o,
    .aw_addr_o,
    .aw_len_o,
    .aw_ready_i,
    .w_valid_o,
    .w_data_o,
    .w_strb_o,
    .w_last_o,
    .w_ready_i,
    .b_valid_i,
    .b_err_i
  );

`ifndef SYNTHESIS
  always_ff @(posedge clk) begin : assertions
    if (core_rst_n) begin
      // The core must not get two responses at once, nor one that it has not asked for.
      a_one_response: assert (32'(tcm_q) + 32'(error_q) + 32'(reg_rvalid_i) <= 32'd1);
      // The host must not see or change the TCM while the core runs.
      a_window_closed: assert (!win_req_i);
    end
  end
`endif

endmodule
