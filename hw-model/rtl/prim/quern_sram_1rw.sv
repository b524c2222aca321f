// SPDX-License-Identifier: Apache-2.0
//
// Single-port SRAM macro with byte enables. Together with quern_sram_1r1w the
// only memories of the chip; a foundry macro takes its place in silicon.
//
// A request with we_i high writes the bytes enabled by be_i; with we_i low it
// reads, and rdata_o is valid in the next cycle only. A user must not rely on
// rdata_o after a cycle without a read. Contents and rdata_o are undefined after
// power-up. WIDTH is a multiple of 8, DEPTH at least 2.
//
// The full-width write has its own branch because it is the common one and
// simulates several times faster than a write byte by byte.
module quern_sram_1rw #(
  parameter int unsigned WIDTH = 128,
  parameter int unsigned DEPTH = 256
) (
  input  logic                     clk_i,
  input  logic                     req_i,
  input  logic                     we_i,
  input  logic [WIDTH/8-1:0]       be_i,
  input  logic [$clog2(DEPTH)-1:0] addr_i,
  input  logic [WIDTH-1:0]         wdata_i,
  output logic [WIDTH-1:0]         rdata_o
);

  logic [WIDTH-1:0] mem_q [0:DEPTH-1];

  // Blocking assignments: only this block touches mem_q, and an array written
  // without delay simulates faster.
  // verilator lint_off BLKSEQ
  always_ff @(posedge clk_i) begin : access
    int unsigned i;
    i = 0;
    if (req_i) begin
      if (!we_i)
        rdata_o <= mem_q[addr_i];
      else if (&be_i)
        mem_q[addr_i] = wdata_i;
      else
        for (i = 0; i < WIDTH / 8; i = i + 1)
          if (be_i[i])
            mem_q[addr_i][8*i +: 8] = wdata_i[8*i +: 8];
    end
  end
  // verilator lint_on BLKSEQ

endmodule
