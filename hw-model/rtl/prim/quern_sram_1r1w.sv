// SPDX-License-Identifier: Apache-2.0
//
// SRAM macro with one read and one write port, without byte enables. Together
// with quern_sram_1rw the only memories of the chip; a foundry macro takes its
// place in silicon.
//
// rdata_o is valid in the cycle after re_i and holds until the next read. A read
// and a write of one address in one cycle: the read data is undefined (the model
// returns the old word); users bypass. Contents and rdata_o are undefined after
// power-up. DEPTH is at least 2.
module quern_sram_1r1w #(
  parameter int unsigned WIDTH = 128,
  parameter int unsigned DEPTH = 256
) (
  input  logic                     clk_i,
  input  logic                     re_i,
  input  logic [$clog2(DEPTH)-1:0] raddr_i,
  output logic [WIDTH-1:0]         rdata_o,
  input  logic                     we_i,
  input  logic [$clog2(DEPTH)-1:0] waddr_i,
  input  logic [WIDTH-1:0]         wdata_i
);

  logic [WIDTH-1:0] mem_q [0:DEPTH-1];

  // Read before write, blocking: only this block touches mem_q, and an array
  // written without delay simulates faster.
  // verilator lint_off BLKSEQ
  always_ff @(posedge clk_i) begin : access
    if (re_i)
      rdata_o <= mem_q[raddr_i];
    if (we_i)
      mem_q[waddr_i] = wdata_i;
  end
  // verilator lint_on BLKSEQ

endmodule
