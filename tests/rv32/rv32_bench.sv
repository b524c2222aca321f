// SPDX-License-Identifier: Apache-2.0
//
// The core with a memory and nothing else, to measure what it costs a
// simulation: RVFI unconnected, as in the chip. One 64 KiB memory at
// TESTMEM_BASE (testmem.h), fetches and data both answered in one cycle, filled
// by the driver. Not part of the chip, and not for synthesis.
module rv32_bench (
  input  logic clk_i,
  input  logic rst_ni,
  output logic sleep_o
);

  localparam logic [31:0] BASE  = 32'h0001_0000;
  localparam int unsigned WORDS = 16384;

  logic [31:0] ram [0:WORDS-1] /* verilator public_flat_rw */;

  logic        instr_req, data_req, data_we, rvalid_q;
  logic [31:0] instr_addr, instr_rdata_q, data_addr, data_wdata, data_rdata_q;
  logic [3:0]  data_be;
  logic [13:0] fetch_index, data_index;

  assign fetch_index = instr_addr[15:2];
  assign data_index  = data_addr[15:2];

  quern_core i_core (
    .clk_i,
    .rst_ni,
    .boot_addr_i      (BASE),
    .instr_req_o      (instr_req),
    .instr_addr_o     (instr_addr),
    .instr_rdata_i    (instr_rdata_q),
    .instr_err_i      (1'b0),
    .data_req_o       (data_req),
    .data_we_o        (data_we),
    .data_be_o        (data_be),
    .data_addr_o      (data_addr),
    .data_wdata_o     (data_wdata),
    .data_gnt_i       (1'b1),
    .data_rvalid_i    (rvalid_q),
    .data_rdata_i     (data_rdata_q),
    .data_err_i       (1'b0),
    .irq_external_i   (1'b0),
    .irq_timer_i      (1'b0),
    .irq_software_i   (1'b0),
    .sleep_o,
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
  );


  always_ff @(posedge clk_i) begin : memory
    if (instr_req)
      instr_rdata_q <= ram[fetch_index];
    rvalid_q <= data_req;
    if (data_req) begin
      if (!data_we)
        data_rdata_q <= ram[data_index];
      else if (data_addr[31:16] == BASE[31:16])
        for (int unsigned i = 0; i < 4; i = i + 1)
          if (data_be[i])
            ram[data_index][8*i +: 8] <= data_wdata[8*i +: 8];
    end
  end

endmodule
