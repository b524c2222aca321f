// SPDX-License-Identifier: Apache-2.0
//
// Byte table of MAP LUT: 256 bytes of registers, N look-ups a cycle. we_i writes
// vector row_i of the table; v_i takes a vector of indices, and the next cycle has
// the vector of table bytes on out_o.
//
// Rejected: N copies of an SRAM: N times the area for the same rate.
module quern_lut #(
  parameter int unsigned N = 16
) (
  input  logic                   clk_i,
  input  logic                  en_i,      // low only if there is nothing to do
  input  logic                   we_i,
  input  logic [7-$clog2(N):0]   row_i,
  input  logic [N*8-1:0]         data_i,
  input  logic                   v_i,
  input  logic [N*8-1:0]         idx_i,
  output logic [N*8-1:0]         out_o
);

  localparam int unsigned LANE_W = $clog2(N);

  // Private to the block below; blocking assignments simulate faster.
  // verilator lint_off BLKSEQ
  logic [7:0] lut [0:255];

  always_ff @(posedge clk_i) begin : table_access
    int unsigned o, j;
    logic [7:0]  res [0:N-1];
    o = 0;
    j = 0;
    if (en_i) begin
      if (v_i) begin
        for (o = 0; o < N; o = o + 1)
          res[o] = lut[idx_i[o*8 +: 8]];
        for (j = 0; j < N / 4; j = j + 1)
          out_o[j*32 +: 32] <= {res[4*j+3], res[4*j+2], res[4*j+1], res[4*j]};
      end
      if (we_i)
        for (o = 0; o < N; o = o + 1)
          lut[{row_i, o[LANE_W-1:0]}] = data_i[o*8 +: 8];
    end
  end
  // verilator lint_on BLKSEQ

endmodule
