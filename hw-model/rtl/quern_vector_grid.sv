// SPDX-License-Identifier: Apache-2.0
//
// Addresses of the second operand of ELTWISE: a grid of vectors, row by row.
// load_i takes the geometry, addr_o is the current vector, step_i moves on.
// It lags behind quern_vector_walk, hence its own counters.
module quern_vector_grid #(
  parameter int unsigned N = 16
) (
  input  logic                  clk_i,
  input  logic                  en_i,      // low only if there is nothing to do
  input  logic                  load_i,
  input  logic [23-$clog2(N):0] base_i,
  input  logic [15:0]           nx_i,
  input  logic [15:0]           sx_i,
  input  logic [15:0]           sy_i,
  input  logic                  step_i,
  output logic [23-$clog2(N):0] addr_o,
  output logic                  first_o
);

  localparam int unsigned VEC_W = 24 - $clog2(N);

  logic [15:0]      nx_m1_q, x_left_q, sx_q, sy_q;
  logic [VEC_W-1:0] addr_q, row_q;
  logic             first_q;

  assign addr_o  = addr_q;
  assign first_o = first_q;

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      if (step_i) begin
        first_q <= 1'b0;
        if (x_left_q != 0) begin
          x_left_q <= x_left_q - 16'd1;
          addr_q   <= addr_q + VEC_W'(sx_q);
        end else begin
          x_left_q <= nx_m1_q;
          addr_q   <= row_q + VEC_W'(sy_q);
          row_q    <= row_q + VEC_W'(sy_q);
        end
      end
      if (load_i) begin
        nx_m1_q  <= nx_i - 16'd1;
        x_left_q <= nx_i - 16'd1;
        sx_q     <= sx_i;
        sy_q     <= sy_i;
        addr_q   <= base_i;
        row_q    <= base_i;
        first_q  <= 1'b1;
      end
    end
  end

endmodule
