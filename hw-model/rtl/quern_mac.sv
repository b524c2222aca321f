// SPDX-License-Identifier: Apache-2.0
//
// The multiplier array of the matrix engine: N x N int8 products a cycle,
// y[o] = sum over k of w[k][o] * X[k][o]. For CONV X[k][o] is element k of the
// input vector, for DWCONV it is channel o of tap k of a sliding window.
//
// Timing. x_i takes an input vector; mul_i one cycle later multiplies it; add_i
// in the cycle after that adds y to the accumulator vector on acc_rdata*_i (of
// acc_bank_i, or zero with acc_zero_i), and acc_wdata_o holds the sum in the
// next cycle. swap_i, together with x_i, makes the shadow weights the active
// ones from the next cycle on.
//
// Weights. w_i writes row w_row_i of the shadow bank; w_clear_i zeroes all other
// rows, for kernels of fewer than N taps. A row that comes before the shadow bank
// is free goes to a skid register (w_hold_i), from there to row 0 (w_unskid_i).
//
// Operands. Every multiplier has its own operand register. CONV copies element k
// to all of row k; for DWCONV the rows are the taps of the window. The row length
// of the window is that of the kernel: the taps form one shift chain in which each
// kernel row has an entry point (tap_src_i, two bits a tap), so that tap k meets
// weight row k for every kernel shape.
//
// Rejected: two weight banks with a multiplexer in front of each multiplier,
// which lengthens the critical path; a systolic array, which needs skewing
// registers at both edges and drains between tiles.
// A factor of the products. Operands are int8, held sign-extended to 32 bits, and
// the low 32 bits of a product do not depend on the signs of such factors: what
// simulates in the fewest instructions is an unsigned product of whole words, what
// synthesis should build is a signed one of eight bits. Same values, both ways.
`ifdef SYNTHESIS
`define QUERN_MAC_FACTOR(f) $signed(f[7:0])
`else
`define QUERN_MAC_FACTOR(f) $unsigned(f)
`endif

module quern_mac #(
  parameter int unsigned N = 16
) (
  input  logic                 clk_i,
  input  logic                 en_i,         // low only if there is nothing to do
  input  logic                 clear_i,      // zero all operands

  input  logic                 w_i,
  input  logic                 w_hold_i,
  input  logic                 w_unskid_i,
  input  logic                 w_clear_i,
  input  logic [$clog2(N)-1:0] w_row_i,
  input  logic [N*8-1:0]       w_data_i,

  input  logic                 x_i,
  input  logic                 x_dw_i,
  input  logic                 swap_i,
  input  logic [N*8-1:0]       x_data_i,
  input  logic [N*8-1:0]       line0_i,      // two rows above, DWCONV
  input  logic [N*8-1:0]       line1_i,      // the row above
  input  logic [31:0]          tap_src_i,    // a tap's source: the next tap, line0, line1, x

  input  logic                 mul_i,

  input  logic                 add_i,
  input  logic                 acc_zero_i,
  input  logic                 acc_bank_i,
  input  logic [N*32-1:0]      acc_rdata0_i,
  input  logic [N*32-1:0]      acc_rdata1_i,
  output logic [N*32-1:0]      acc_wdata_o
);

  localparam int unsigned TAPS = N >= 16 ? 16 : 8;

  // Operands are held sign-extended: synthesis merges the copies of the sign.
  // All of it is private to the one block below, which therefore can use blocking
  // assignments, last pipeline stage first; this simulates fastest.
  // verilator lint_off BLKSEQ
  logic signed [31:0] w_act  [0:N-1][0:N-1];
  logic signed [31:0] w_next [0:N-1][0:N-1];
  logic signed [31:0] x      [0:TAPS-1][0:N-1];
  logic signed [31:0] xt     [0:N-1];          // elements of x before they are copied to all columns
  logic signed [31:0] y      [0:N-1];
  logic [N*8-1:0]     skid;

  always_ff @(posedge clk_i) begin : datapath
    int unsigned        k, o, j;
    logic signed [31:0] sum [0:N-1];
    logic        [31:0] word;
    k    = 0;
    o    = 0;
    j    = 0;
    word = '0;
    if (en_i) begin
      if (add_i) begin
        for (o = 0; o < N; o = o + 1)
          sum[o] = y[o] + (acc_zero_i ? 32'sd0 : acc_bank_i ? acc_rdata1_i[o*32 +: 32] : acc_rdata0_i[o*32 +: 32]);
        for (o = 0; o < N; o = o + 1)
          acc_wdata_o[o*32 +: 32] <= sum[o];
      end

      if (mul_i) begin
        for (o = 0; o < N; o = o + 1)
          y[o] = 0;
        for (k = 0; k < TAPS; k = k + 8)
          for (o = 0; o < N; o = o + 1)
            y[o] = y[o]
              + `QUERN_MAC_FACTOR(w_act[k+0][o]) * `QUERN_MAC_FACTOR(x[k+0][o])
              + `QUERN_MAC_FACTOR(w_act[k+1][o]) * `QUERN_MAC_FACTOR(x[k+1][o])
              + `QUERN_MAC_FACTOR(w_act[k+2][o]) * `QUERN_MAC_FACTOR(x[k+2][o])
              + `QUERN_MAC_FACTOR(w_act[k+3][o]) * `QUERN_MAC_FACTOR(x[k+3][o])
              + `QUERN_MAC_FACTOR(w_act[k+4][o]) * `QUERN_MAC_FACTOR(x[k+4][o])
              + `QUERN_MAC_FACTOR(w_act[k+5][o]) * `QUERN_MAC_FACTOR(x[k+5][o])
              + `QUERN_MAC_FACTOR(w_act[k+6][o]) * `QUERN_MAC_FACTOR(x[k+6][o])
              + `QUERN_MAC_FACTOR(w_act[k+7][o]) * `QUERN_MAC_FACTOR(x[k+7][o]);
        // Rows above the window: their weights are zero in DWCONV.
        for (k = TAPS; k < N; k = k + 8)
          for (o = 0; o < N; o = o + 1)
            y[o] = y[o]
              + `QUERN_MAC_FACTOR(w_act[k+0][o]) * `QUERN_MAC_FACTOR(xt[k+0])
              + `QUERN_MAC_FACTOR(w_act[k+1][o]) * `QUERN_MAC_FACTOR(xt[k+1])
              + `QUERN_MAC_FACTOR(w_act[k+2][o]) * `QUERN_MAC_FACTOR(xt[k+2])
              + `QUERN_MAC_FACTOR(w_act[k+3][o]) * `QUERN_MAC_FACTOR(xt[k+3])
              + `QUERN_MAC_FACTOR(w_act[k+4][o]) * `QUERN_MAC_FACTOR(xt[k+4])
              + `QUERN_MAC_FACTOR(w_act[k+5][o]) * `QUERN_MAC_FACTOR(xt[k+5])
              + `QUERN_MAC_FACTOR(w_act[k+6][o]) * `QUERN_MAC_FACTOR(xt[k+6])
              + `QUERN_MAC_FACTOR(w_act[k+7][o]) * `QUERN_MAC_FACTOR(xt[k+7]);
      end

      if (swap_i)
        for (k = 0; k < N; k = k + 1)
          for (o = 0; o < N; o = o + 1)
            w_act[k][o] = w_next[k][o];

      if (x_i && !x_dw_i) begin
        for (j = 0; j < TAPS / 4; j = j + 1) begin
          word = x_data_i[j*32 +: 32];
          for (o = 0; o < N; o = o + 1)
            x[4*j][o] = 32'($signed(word[7:0]));
          for (o = 0; o < N; o = o + 1)
            x[4*j+1][o] = 32'($signed(word[15:8]));
          for (o = 0; o < N; o = o + 1)
            x[4*j+2][o] = 32'($signed(word[23:16]));
          for (o = 0; o < N; o = o + 1)
            x[4*j+3][o] = 32'($signed(word[31:24]));
        end
        for (k = TAPS; k < N; k = k + 1)
          xt[k] = 32'($signed(x_data_i[k*8 +: 8]));
      end

      if (x_i && x_dw_i)
        for (k = 0; k < TAPS; k = k + 1)
          if (tap_src_i[2*k +: 2] != 2'd0)
            for (j = 0; j < N / 4; j = j + 1) begin
              word = tap_src_i[2*k +: 2] == 2'd3 ? x_data_i[j*32 +: 32]
                   : tap_src_i[2*k +: 2] == 2'd2 ? line1_i[j*32 +: 32] : line0_i[j*32 +: 32];
              x[k][4*j]   = 32'($signed(word[7:0]));
              x[k][4*j+1] = 32'($signed(word[15:8]));
              x[k][4*j+2] = 32'($signed(word[23:16]));
              x[k][4*j+3] = 32'($signed(word[31:24]));
            end
          else if (k < TAPS - 1)
            for (o = 0; o < N; o = o + 1)
              x[k][o] = x[k+1][o];

      if ((w_i && !w_hold_i && w_clear_i) || (w_unskid_i && w_clear_i) || clear_i)
        for (k = 0; k < N; k = k + 1)
          for (o = 0; o < N; o = o + 1)
            w_next[k][o] = 0;
      if (w_unskid_i || (w_i && !w_hold_i))
        for (k = 0; k < N; k = k + 1)
          if ((w_unskid_i ? '0 : w_row_i) == k[$clog2(N)-1:0])
            for (j = 0; j < N / 4; j = j + 1) begin
              word = w_unskid_i ? skid[j*32 +: 32] : w_data_i[j*32 +: 32];
              w_next[k][4*j]   = 32'($signed(word[7:0]));
              w_next[k][4*j+1] = 32'($signed(word[15:8]));
              w_next[k][4*j+2] = 32'($signed(word[23:16]));
              w_next[k][4*j+3] = 32'($signed(word[31:24]));
            end
      if (w_i && w_hold_i)
        skid = w_data_i;

      if (clear_i) begin
        for (k = 0; k < N; k = k + 1) begin
          xt[k] = 0;
          y[k] = 0;
        end
        for (k = 0; k < N; k = k + 1)
          for (o = 0; o < N; o = o + 1)
            w_act[k][o] = 0;
        for (k = 0; k < TAPS; k = k + 1)
          for (o = 0; o < N; o = o + 1)
            x[k][o] = 0;
        skid = '0;
        acc_wdata_o <= '0;
      end
    end
  end
  // verilator lint_on BLKSEQ

endmodule

`undef QUERN_MAC_FACTOR
