// SPDX-License-Identifier: Apache-2.0
//
// The register file: arbitration between the host's and the core's port, the
// chip's identity and control, the firmware's report, and the units that keep
// the other registers (timer, interrupts, job). Registers, access rights:
// contract/registers.toml. An access without the right reads zero and writes
// nothing.
//
// Host port: host_valid_i and its payload hold until host_ready_o, which comes
// two cycles later or more, with host_rdata_o. Core port: core_gnt_o
// says that a request in this cycle is taken, core_rvalid_o and core_rdata_o come
// in the next. The
// host goes first; it cannot ask twice running, so the core waits one access at
// most. While hold_i is high (chip reset) the host waits.
//
// The TCM window, counters and the trace ring are read by pulses (win_req_o,
// *_re_o); their data is due in the next cycle.
//
// rst_ni is the chip's reset, rst_port_ni that of the power-up: the host port
// lives through a chip reset that the host itself has asked for.
//
// Rejected: two independent decoders. One access at a time is enough (both sides
// are software) and keeps read side effects in one place.
module quern_regs #(
  parameter int unsigned N = 16,
  parameter int unsigned SPM_BYTES = 524288,
  parameter int unsigned BUS_BYTES = 16
) (
  input  logic                                 clk_i,
  input  logic                                 rst_ni,
  input  logic                                 rst_port_ni,
  input  logic                                 hold_i,

  input  logic                                 host_valid_i,
  input  logic                                 host_we_i,
  input  logic [17:0]                          host_addr_i,
  input  logic [31:0]                          host_wdata_i,
  output logic                                 host_ready_o,
  output logic [31:0]                          host_rdata_o,
  output logic [quern_pkg::NUM_VECTORS-1:0]    irq_o,

  input  logic                                 core_req_i,
  input  logic                                 core_we_i,
  input  logic [17:0]                          core_addr_i,
  input  logic [31:0]                          core_wdata_i,
  output logic                                 core_gnt_o,
  output logic                                 core_rvalid_o,
  output logic [31:0]                          core_rdata_o,

  // Chip control and status
  output logic                                 reset_o,       // pulse: reset the chip
  output logic                                 core_run_o,    // core out of reset
  input  logic                                 core_sleep_i,
  input  logic                                 bus_busy_i,

  // TCM window: one access, read data in the next cycle
  output logic                                 win_req_o,
  output logic                                 win_we_o,
  output logic [13:0]                          win_addr_o,
  output logic [31:0]                          win_wdata_o,
  input  logic [31:0]                          win_rdata_i,

  // Interrupts of the core
  output logic                                 irq_external_o,
  output logic                                 irq_timer_o,
  output logic [63:0]                          cycle_o,

  // Core DMA
  output logic                                 cdma_start_o,
  output logic [63:0]                          cdma_host_o,
  output logic [31:0]                          cdma_tcm_o,
  output logic [11:0]                          cdma_bytes_o,
  output logic                                 cdma_to_host_o,
  output logic                                 cdma_entry_start_o,   // a doorbell starts it, with the request in the TCM
  output logic [13:0]                          cdma_entry_o,         // ... at this word, valid in the cycle after
  output logic [9:0]                           cdma_entry_tcm_o,     // ... to this place, in units of 64 bytes
  input  logic                                 cdma_busy_i,
  input  logic                                 cdma_done_i,
  input  logic                                 cdma_error_i,

  // Job
  output logic                                 start_o,
  output logic                                 fetch_o,       // fetch the stream of the next job ahead
  output logic                                 drop_o,        // forget it
  output logic                                 abort_o,
  output logic                                 preempt_o,
  output logic [3:0]                           asid_o,
  output logic [3:0]                           tr_asid_o,
  input  logic                                 tr_hold_i,
  output logic [39:0]                          stream_o,
  output logic [22:0]                          ncmds_o,
  output logic [22:0]                          first_o,
  input  logic                                 end_i,
  input  logic [3:0]                           end_state_i,
  input  logic [7:0]                           end_fault_i,
  input  logic [3:0]                           end_unit_i,
  input  logic [23:0]                          end_index_i,
  input  logic [39:0]                          end_addr_i,
  input  logic [23:0]                          cmds_i,
  output logic                                 job_busy_o,
  output logic [quern_pkg::NUM_REGIONS*40-1:0] regions_o,
  output logic                                 touch_valid_o, // a line for the MMU to walk ahead
  output logic [22:0]                          touch_line_o,
  input  logic                                 touch_ready_i,
  output logic [13:0]                          report_o,      // TCM word of the report, 0: none
  output logic [quern_pkg::NUM_ASID*32-1:0]    roots_o,
  output logic                                 inval_o,
  output logic [3:0]                           inval_asid_o,
  output logic                                 inval_all_o,
  input  logic                                 inval_busy_i,
  output logic                                 scrub_o,
  input  logic                                 scrub_busy_i,

  // Counters and trace ring
  output logic                                 counter_re_o,
  output logic [4:0]                           counter_index_o,
  input  logic [63:0]                          counter_rdata_i,
  output logic                                 trace_enable_o,
  output logic                                 trace_clear_o,
  input  logic [31:0]                          trace_head_i,
  input  logic [15:0]                          trace_dropped_i,
  output logic                                 trace_re_o,
  output logic [9:0]                           trace_index_o,
  input  logic [63:0]                          trace_rdata_i
);

  localparam logic [31:0] FEATURES = (32'd1 << quern_pkg::FEATURE_YIELD) | (32'd1 << quern_pkg::FEATURE_SOFTMAX) |
                                     (32'd1 << quern_pkg::FEATURE_TRACE);
  localparam logic [31:0] CONFIG0 = {16'(SPM_BYTES / 1024), 8'(BUS_BYTES), 8'(N)};
  localparam logic [31:0] CONFIG1 = {8'(quern_pkg::NUM_ASID), 8'(quern_pkg::NUM_CTX), 16'(quern_pkg::ACC_ENTRIES)};

  // Clock. Only time runs on when nobody asks and nothing happens.

  logic clk, busy_q, bite, timer_wake, touch_busy;

  quern_clock_gate i_clk (
    .clk_i,
    .rst_ni (rst_ni && rst_port_ni),
    .wake_i (host_valid_i || core_req_i || hold_i || end_i || timer_wake || cdma_done_i || scrub_busy_i || inval_busy_i || touch_busy),
    .clk_o  (clk)
  );

  // Arbitration

  logic        acc_valid, acc_host, acc_we;
  logic [17:0] acc_addr;
  logic [31:0] acc_wdata;
  logic        host_take;

  // What the host asks for is registered first: its pins reach nothing else.
  logic        host_pending_q, host_we_q;
  logic [17:0] host_addr_q;
  logic [31:0] host_wdata_q;

  always_ff @(posedge clk) begin : host_port
    if (!rst_port_ni)
      host_pending_q <= 1'b0;
    else if (host_take)
      host_pending_q <= 1'b0;
    else if (host_valid_i && !host_pending_q && !host_ready_o) begin
      host_pending_q <= 1'b1;
      host_we_q      <= host_we_i;
      host_addr_q    <= host_addr_i;
      host_wdata_q   <= host_wdata_i;
    end
  end

  assign host_take  = host_pending_q && !hold_i;
  assign core_gnt_o = !host_take;

  always_comb begin : arbiter
    acc_valid = host_take || core_req_i;
    acc_host  = host_take;
    acc_we    = 1'b0;
    acc_addr  = 18'd0;
    acc_wdata = 32'd0;
    if (host_take) begin
      acc_we    = host_we_q;
      acc_addr  = host_addr_q;
      acc_wdata = host_wdata_q;
    end else if (core_req_i) begin
      acc_we    = core_we_i;
      acc_addr  = core_addr_i;
      acc_wdata = core_wdata_i;
    end
  end

  logic host_write, core_write, read;
  assign host_write = acc_valid && acc_host && acc_we;
  assign core_write = acc_valid && !acc_host && acc_we;
  assign read       = acc_valid && !acc_we;

  // Units with registers of their own

  logic [31:0] timer_rdata, irq_rdata, job_rdata;

  quern_timer i_timer (
    .clk_i,
    .clk_regs_i  (clk),
    .rst_ni,
    .acc_valid_i (acc_valid),
    .acc_host_i  (acc_host),
    .acc_we_i    (acc_we),
    .acc_addr_i  (acc_addr),
    .acc_wdata_i (acc_wdata),
    .rdata_o     (timer_rdata),
    .core_run_i  (core_run_o),
    .cycle_o,
    .irq_timer_o,
    .bite_o      (bite),
    .wake_o      (timer_wake)
  );

  logic       ring;
  logic [3:0] ring_ctx, cdma_raise_q;

  quern_regs_irq i_irq (
    .clk_i       (clk),
    .rst_ni,
    .acc_valid_i (acc_valid),
    .acc_host_i  (acc_host),
    .acc_we_i    (acc_we),
    .acc_addr_i  (acc_addr),
    .acc_wdata_i (acc_wdata),
    .rdata_o     (irq_rdata),
    .cycle_i     (cycle_o[31:0]),
    .watchdog_i  (bite),
    .job_end_i   (end_i),
    .cdma_done_i,
    .cdma_raise_i(cdma_done_i && !cdma_error_i ? cdma_raise_q : 4'd0),
    .ring_o      (ring),
    .ring_ctx_o  (ring_ctx),
    .irq_o,
    .irq_external_o
  );

  quern_regs_job i_job (
    .clk_i       (clk),
    .rst_ni,
    .acc_valid_i (acc_valid && !acc_host),
    .acc_we_i    (acc_we),
    .acc_addr_i  (acc_addr),
    .acc_wdata_i (acc_wdata),
    .rdata_o     (job_rdata),
    .start_o,
    .fetch_o,
    .drop_o,
    .abort_o,
    .preempt_o,
    .asid_o,
    .tr_asid_o,
    .tr_hold_i,
    .stream_o,
    .ncmds_o,
    .first_o,
    .end_i,
    .end_state_i,
    .end_fault_i,
    .end_unit_i,
    .end_index_i,
    .end_addr_i,
    .cmds_i,
    .busy_o      (job_busy_o),
    .regions_o,
    .touch_valid_o,
    .touch_busy_o (touch_busy),
    .touch_line_o,
    .touch_ready_i,
    .report_o,
    .roots_o,
    .inval_o,
    .inval_asid_o,
    .inval_all_o,
    .inval_busy_i,
    .scrub_o,
    .scrub_busy_i
  );

  // Chip control

  logic run_q, bitten_q;
  logic window;           // the host owns the TCM

  assign core_run_o = run_q && !bitten_q;
  assign window     = !run_q;

  always_ff @(posedge clk) begin : control
    reset_o <= 1'b0;
    if (!rst_ni) begin
      run_q    <= 1'b0;
      bitten_q <= 1'b0;
    end else begin
      if (bite)
        bitten_q <= 1'b1;
      if (host_write && acc_addr == quern_pkg::REG_CTRL) begin
        run_q   <= acc_wdata[0];
        reset_o <= acc_wdata[1];
        if (!acc_wdata[0])
          bitten_q <= 1'b0;
      end
    end
  end

  // What the host tells the firmware and the firmware the host

  logic [63:0] boot_q;
  logic [31:0] fw_status_q, fw_error_q, fw_version_q, heartbeat_q;
  logic [31:0] scratch_q [0:3];

  always_ff @(posedge clk) begin : mailbox
    if (!rst_ni) begin
      boot_q       <= 64'd0;
      fw_status_q  <= 32'd0;
      fw_error_q   <= 32'd0;
      fw_version_q <= 32'd0;
      heartbeat_q  <= 32'd0;
      scratch_q[0] <= 32'd0;
      scratch_q[1] <= 32'd0;
      scratch_q[2] <= 32'd0;
      scratch_q[3] <= 32'd0;
    end else if (host_write) begin
      if (acc_addr == quern_pkg::REG_HOST_BOOT_LO)
        boot_q[31:0] <= acc_wdata;
      if (acc_addr == quern_pkg::REG_HOST_BOOT_HI)
        boot_q[63:32] <= acc_wdata;
    end else if (core_write) begin
      case (acc_addr)
        quern_pkg::REG_FW_STATUS:    fw_status_q <= acc_wdata;
        quern_pkg::REG_FW_ERROR:     fw_error_q <= acc_wdata;
        quern_pkg::REG_FW_VERSION:   fw_version_q <= acc_wdata;
        quern_pkg::REG_FW_HEARTBEAT: heartbeat_q <= acc_wdata;
        default:
          if (acc_addr[17:4] == quern_pkg::REG_SCRATCH[17:4])
            scratch_q[acc_addr[3:2]] <= acc_wdata;
      endcase
    end
  end

  // Core DMA

  always_ff @(posedge clk) begin : cdma
    cdma_start_o <= 1'b0;
    // The vectors belong to the transfer that the core has asked for, not to a doorbell's.
    if (cdma_done_i || cdma_entry_start_o)
      cdma_raise_q <= 4'd0;
    if (!rst_ni) begin
      cdma_raise_q   <= 4'd0;
      cdma_host_o    <= 64'd0;
      cdma_tcm_o     <= 32'd0;
      cdma_bytes_o   <= 12'd0;
      cdma_to_host_o <= 1'b0;
    end else if (core_write && !cdma_busy_i && !cdma_start_o) begin
      case (acc_addr)
        quern_pkg::REG_CDMA_HOST_LO: cdma_host_o[31:0] <= acc_wdata;
        quern_pkg::REG_CDMA_HOST_HI: cdma_host_o[63:32] <= acc_wdata;
        quern_pkg::REG_CDMA_TCM:     cdma_tcm_o <= acc_wdata;
        quern_pkg::REG_CDMA_CTRL: begin
          cdma_bytes_o   <= acc_wdata[11:0];
          cdma_to_host_o <= acc_wdata[16];
          cdma_raise_q   <= acc_wdata[23:20];
          cdma_start_o   <= acc_wdata[11:0] != 12'd0;
        end
        default: ;
      endcase
    end
  end

  // Doorbell that reads its job by itself

  logic        armed_q, taken_q;
  logic [3:0]  taken_ctx_q;
  logic [15:4] table_q;
  logic [9:0]  dest_q;

  assign cdma_entry_start_o = ring && armed_q && core_run_o && !cdma_busy_i;
  assign cdma_entry_tcm_o   = dest_q;
  assign cdma_entry_o       = {table_q[15:4], 2'd0} + {8'd0, taken_ctx_q, 2'd0};

  always_ff @(posedge clk) begin : doorbell_fetch
    // The host may have the TCM while the core does not run.
    if (!rst_ni || !core_run_o) begin
      armed_q <= 1'b0;
      taken_q <= 1'b0;
    end else if (core_write && acc_addr == quern_pkg::REG_DB_FETCH) begin
      // Disarming keeps what a doorbell has told just before, and the places for its transfer, which may only begin.
      armed_q <= acc_wdata[0];
      taken_q <= taken_q && !acc_wdata[0];
      if (acc_wdata[0]) begin
        table_q <= acc_wdata[31:20];
        dest_q  <= acc_wdata[15:6];
      end
    end else if (cdma_entry_start_o) begin
      armed_q     <= 1'b0;
      taken_q     <= 1'b1;
      taken_ctx_q <= ring_ctx;
    end
  end

  // Trace control

  always_ff @(posedge clk) begin : trace
    trace_clear_o <= 1'b0;
    if (!rst_ni) begin
      trace_enable_o <= 1'b0;
    end else if (host_write && acc_addr == quern_pkg::REG_TRACE_CTRL) begin
      trace_enable_o <= acc_wdata[0];
      trace_clear_o  <= acc_wdata[1];
    end
  end

  // Sources that answer in the next cycle. The high word of a counter is what reading the low word has latched.

  logic        is_counter, is_trace, is_window;
  logic [31:0] counter_hi_host_q, counter_hi_core_q;

  assign is_counter = acc_addr[17:8] == quern_pkg::REG_COUNTER[17:8];
  assign is_trace   = acc_host && acc_addr[17:13] == quern_pkg::REG_TRACE_DATA[17:13];
  assign is_window  = host_take && host_addr_q[17:16] == quern_pkg::REG_TCM[17:16];

  assign counter_re_o    = read && is_counter && !acc_addr[2];
  assign counter_index_o = acc_addr[7:3];
  assign trace_re_o      = read && is_trace;
  assign trace_index_o   = acc_addr[12:3];
  assign win_req_o       = is_window && window;
  assign win_we_o        = host_we_q;
  assign win_addr_o      = host_addr_q[15:2];
  assign win_wdata_o     = host_wdata_q;

  // Read

  logic [31:0] rdata;

  always_comb begin : read_mux
    rdata = 32'd0;
    if (read) begin
      rdata = irq_rdata | job_rdata;
      case (acc_addr)
        quern_pkg::REG_ID:           rdata = quern_pkg::CHIP_ID;
        quern_pkg::REG_HW_VERSION:   rdata = {quern_pkg::REGISTERS_MAJOR, quern_pkg::REGISTERS_MINOR};
        quern_pkg::REG_FEATURES:     rdata = FEATURES;
        quern_pkg::REG_CONFIG0:      rdata = CONFIG0;
        quern_pkg::REG_CONFIG1:      rdata = CONFIG1;
        quern_pkg::REG_CTRL:         rdata = 32'(run_q);
        quern_pkg::REG_STATUS:       rdata = {28'd0, bus_busy_i, bitten_q, job_busy_o, core_sleep_i};
        quern_pkg::REG_FW_STATUS:    rdata = fw_status_q;
        quern_pkg::REG_FW_ERROR:     rdata = fw_error_q;
        quern_pkg::REG_HOST_BOOT_LO: rdata = boot_q[31:0];
        quern_pkg::REG_HOST_BOOT_HI: rdata = boot_q[63:32];
        quern_pkg::REG_FW_VERSION:   rdata = fw_version_q;
        quern_pkg::REG_FW_HEARTBEAT: rdata = heartbeat_q;
        quern_pkg::REG_TRACE_CTRL:   rdata = acc_host ? 32'(trace_enable_o) : 32'd0;
        quern_pkg::REG_TRACE_HEAD:   rdata = acc_host ? trace_head_i : 32'd0;
        quern_pkg::REG_TRACE_DROPPED: rdata = acc_host ? 32'(trace_dropped_i) : 32'd0;
        quern_pkg::REG_CDMA_HOST_LO: rdata = acc_host ? 32'd0 : cdma_host_o[31:0];
        quern_pkg::REG_CDMA_HOST_HI: rdata = acc_host ? 32'd0 : cdma_host_o[63:32];
        quern_pkg::REG_CDMA_TCM:     rdata = acc_host ? 32'd0 : cdma_tcm_o;
        quern_pkg::REG_CDMA_CTRL:    rdata = acc_host ? 32'd0 : {15'd0, cdma_to_host_o, 4'd0, cdma_bytes_o};
        quern_pkg::REG_CDMA_STATUS:  rdata = acc_host ? 32'd0 : {30'd0, cdma_error_i, cdma_start_o || cdma_busy_i};
        quern_pkg::REG_DB_FETCH:     rdata = acc_host ? 32'd0 : {table_q, 4'd0, dest_q, taken_ctx_q, taken_q, armed_q};
        default: begin
          if (acc_addr[17:4] == quern_pkg::REG_SCRATCH[17:4])
            rdata = scratch_q[acc_addr[3:2]];
          if (is_counter)
            rdata = acc_host ? counter_hi_host_q : counter_hi_core_q;
        end
      endcase
    end
  end

  // Answers

  localparam logic [2:0] SRC_REG = 3'd0;
  localparam logic [2:0] SRC_WINDOW = 3'd1;
  localparam logic [2:0] SRC_COUNTER = 3'd2;
  localparam logic [2:0] SRC_TRACE_LO = 3'd3;
  localparam logic [2:0] SRC_TRACE_HI = 3'd4;

  logic        host_q;                // an access was taken in the cycle before, by the host
  logic [2:0]  source_q;
  logic [31:0] rdata_q, answer;

  assign host_ready_o  = busy_q && host_q;
  assign core_rvalid_o = busy_q && !host_q;
  assign host_rdata_o  = answer;
  assign core_rdata_o  = answer;

  always_comb begin : select
    case (source_q)
      SRC_WINDOW:   answer = win_rdata_i;
      SRC_COUNTER:  answer = counter_rdata_i[31:0];
      SRC_TRACE_LO: answer = trace_rdata_i[31:0];
      SRC_TRACE_HI: answer = trace_rdata_i[63:32];
      default:      answer = rdata_q | timer_rdata;
    endcase
  end

  always_ff @(posedge clk) begin : answers
    if (!rst_port_ni) begin
      busy_q <= 1'b0;
    end else begin
      busy_q <= acc_valid;
      if (acc_valid) begin
        host_q   <= acc_host;
        rdata_q  <= rdata;
        source_q <= SRC_REG;
        if (read && win_req_o)
          source_q <= SRC_WINDOW;
        if (counter_re_o)
          source_q <= SRC_COUNTER;
        if (trace_re_o)
          source_q <= acc_addr[2] ? SRC_TRACE_HI : SRC_TRACE_LO;
      end
    end
  end

  always_ff @(posedge clk) begin : counter_high
    if (!rst_ni) begin
      counter_hi_host_q <= 32'd0;
      counter_hi_core_q <= 32'd0;
    end else if (busy_q && source_q == SRC_COUNTER) begin
      if (host_q)
        counter_hi_host_q <= counter_rdata_i[63:32];
      else
        counter_hi_core_q <= counter_rdata_i[63:32];
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk) begin : assertions
    if (rst_port_ni) begin
      // The host and the core must not be answered at once.
      a_one_answer: assert (!(host_ready_o && core_rvalid_o));
      // The window must not open while the core runs.
      a_window: assert (!(win_req_o && core_run_o));
      // The core must not ask for a transfer that is ignored, nor while a doorbell may start one.
      a_transfer: assert (!(core_write && acc_addr == quern_pkg::REG_CDMA_CTRL && (armed_q || cdma_busy_i || cdma_start_o)));
    end
  end
`endif

endmodule
