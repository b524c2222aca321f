// SPDX-License-Identifier: Apache-2.0
//
// SRAM macro with a read port and a read-write port with byte enables, for
// memory that is fetched from and accessed at once; a foundry macro takes its
// place in silicon.
//
// Read data is valid in the cycle after the request and holds until the port's
// next read. A read and a write of one address in one cycle: the read data is
// undefined (the model returns the old word). Contents are undefined after
// power-up. WIDTH is a multiple of 8, DEPTH at least 2.
module quern_sram_1r1rw #(
  parameter int unsigned WIDTH = 32,
  parameter int unsigned DEPTH = 4096
) (
  input  logic                     clk_i,

  input  logic                     a_req_i,
  input  logic [$clog2(DEPTH)-1:0] a_addr_i,
  output logic [WIDTH-1:0]         a_rdata_o,

  input  logic                     b_req_i,
  input  logic [WIDTH/8-1:0]       b_be_i,      // bytes to write; none: read
  input  logic [$clog2(DEPTH)-1:0] b_addr_i,
  input  logic [WIDTH-1:0]         b_wdata_i,
  output logic [WIDTH-1:0]         b_rdata_o
);

  logic [WIDTH-1:0] mem_q [0:DEPTH-1];

  // Reads before the write, blocking: only this block touches mem_q, and an
  // array written without delay simulates faster.
  // verilator lint_off BLKSEQ
  always_ff @(posedge clk_i) begin : access
    int unsigned i;
    i = 0;
    if (a_req_i)
      a_rdata_o <= mem_q[a_addr_i];
    if (b_req_i) begin
      if (b_be_i == '0)
        b_rdata_o <= mem_q[b_addr_i];
      else
        for (i = 0; i < WIDTH / 8; i = i + 1)
          if (b_be_i[i])
            mem_q[b_addr_i][8*i +: 8] = b_wdata_i[8*i +: 8];
    end
  end
  // verilator lint_on BLKSEQ

endmodule
