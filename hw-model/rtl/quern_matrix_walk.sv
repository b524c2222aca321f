// SPDX-License-Identifier: Apache-2.0
//
// The order of work of one CONV or DWCONV: which input vector is read next, which
// accumulator it goes to, and where steps and the command end.
//
// load_i takes a command (fields checked by others). The outputs describe the
// current vector; step_i moves on to the next one. Only additions: every address
// is the one before plus a stride, and each loop keeps the address it starts from.
//
// DWCONV is a CONV of one step to the loops. It differs in that only some input
// vectors complete a window: down-counters tell how many columns and rows are
// missing until the next one does.
module quern_matrix_walk #(
  parameter int unsigned N = 16
) (
  input  logic         clk_i,
  input  logic         load_i,
  // The fields that say where the weights are belong to quern_matrix_weights.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [511:0] cmd_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic         step_i,

  input  logic         en_i,      // low only if there is nothing to do; the marks below are then zero
  output logic [23:0]  addr_o,    // input vector, bytes
  output logic [9:0]   acc_o,     // accumulator: bank, entry
  output logic         dw_o,      // DWCONV
  output logic         out_o,     // this vector leads to a sum
  output logic         zero_o,    // the sum starts from zero
  output logic         first_o,   // first vector of a block of weights
  output logic         last_o,    // last vector of the command
  output logic [6:0]   col_o,     // DWCONV: input column
  output logic [31:0]  tap_src_o  // DWCONV: see quern_mac
);

  localparam int unsigned LANE_W = $clog2(N);

  // verilator lint_off UNUSEDSIGNAL
  quern_pkg::cmd_conv_t   cv;   // each engine part reads its own fields
  quern_pkg::cmd_dwconv_t dw;
  // verilator lint_on UNUSEDSIGNAL
  assign cv = cmd_i;
  assign dw = cmd_i;

  // Per command.
  logic        dw_q, accumulate_q;
  logic [9:0]  acc_base_q;
  logic [12:0] nx_m1_q, ny_m1_q;
  logic [23:0] sx_q, sy_q, k0s_q, k1s_q, k2s_q;
  logic [15:0] k0_m1_q, k1_m1_q;
  logic [2:0]  kw_m1_q, dsx_m1_q, dsy_m1_q;
  logic [31:0] tap_src_q;

  // Position. left counts are iterations after the current one.
  logic [12:0] x_left_q, y_left_q;
  logic [15:0] k0_left_q, k1_left_q, k2_left_q;
  logic [23:0] addr_q, row_q, base0_q, base1_q, base2_q;
  logic [9:0]  acc_q;
  logic        first_q, step0_q;
  logic [2:0]  xwait_q, ywait_q;
  logic [6:0]  col_q;

  assign addr_o    = addr_q;
  assign acc_o     = acc_q;
  assign dw_o      = dw_q;
  assign col_o     = col_q;
  assign tap_src_o = tap_src_q;

  always_comb begin : position
    out_o   = 1'b0;
    zero_o  = 1'b0;
    first_o = 1'b0;
    last_o  = 1'b0;
    if (en_i) begin
      out_o   = !dw_q || (xwait_q == 0 && ywait_q == 0);
      zero_o  = step0_q && !accumulate_q;
      first_o = first_q;
      last_o  = (x_left_q | y_left_q) == 0 && (k0_left_q | k1_left_q | k2_left_q) == 0;
    end
  end

  // Entry points of the kernel's rows: the last tap of each.
  function automatic logic [31:0] tap_sources(input logic [3:0] kw, input logic [1:0] kh);
    logic [4:0] row1, row2, row3;
    row1 = {1'b0, kw};
    row2 = {kw, 1'b0};
    row3 = {kw, 1'b0} + {1'b0, kw};
    tap_sources = '0;
    case (kh)
      2'd1: tap_sources = 32'd3 << {row1 - 5'd1, 1'b0};
      2'd2: tap_sources = (32'd2 << {row1 - 5'd1, 1'b0}) | (32'd3 << {row2 - 5'd1, 1'b0});
      default: tap_sources = (32'd1 << {row1 - 5'd1, 1'b0}) | (32'd2 << {row2 - 5'd1, 1'b0})
                           | (32'd3 << {row3 - 5'd1, 1'b0});
    endcase
  endfunction

  logic is_dw;
  assign is_dw = cmd_i[7:0] == quern_pkg::OP_DWCONV;

  always_ff @(posedge clk_i) begin : walk
    logic [23:0] next;
    next = '0;
    if (en_i) begin
      if (step_i) begin
        first_q <= 1'b0;
        if (out_o)
          acc_q <= acc_q + 10'd1;
        xwait_q <= xwait_q == 0 ? dsx_m1_q : xwait_q - 3'd1;
        col_q   <= col_q + 7'd1;
        if (x_left_q != 0) begin
          x_left_q <= x_left_q - 13'd1;
          addr_q   <= addr_q + sx_q;
        end else if (y_left_q != 0) begin
          x_left_q <= nx_m1_q;
          y_left_q <= y_left_q - 13'd1;
          addr_q   <= row_q + sy_q;
          row_q    <= row_q + sy_q;
          xwait_q  <= kw_m1_q;
          ywait_q  <= ywait_q == 0 ? dsy_m1_q : ywait_q - 3'd1;
          col_q    <= '0;
        end else begin
          x_left_q <= nx_m1_q;
          y_left_q <= ny_m1_q;
          acc_q    <= acc_base_q;
          first_q  <= 1'b1;
          step0_q  <= 1'b0;
          if (k0_left_q != 0) begin
            next      = base0_q + k0s_q;
            k0_left_q <= k0_left_q - 16'd1;
          end else if (k1_left_q != 0) begin
            next      = base1_q + k1s_q;
            base1_q   <= next;
            k0_left_q <= k0_m1_q;
            k1_left_q <= k1_left_q - 16'd1;
          end else begin
            next      = base2_q + k2s_q;
            base1_q   <= next;
            base2_q   <= next;
            k0_left_q <= k0_m1_q;
            k1_left_q <= k1_m1_q;
            k2_left_q <= k2_left_q - 16'd1;
          end
          addr_q  <= next;
          row_q   <= next;
          base0_q <= next;
        end
      end
      if (load_i) begin
        dw_q         <= is_dw;
        accumulate_q <= cv.accumulate;
        acc_base_q   <= cv.acc_base[9:0];
        nx_m1_q      <= is_dw ? 13'(dw.in_nx) - 13'd1 : 13'(cv.nx) - 13'd1;
        ny_m1_q      <= is_dw ? 13'(dw.in_ny) - 13'd1 : 13'(cv.ny) - 13'd1;
        sx_q         <= is_dw ? 24'(dw.px_v) << LANE_W : cv.ifm_sx;
        sy_q         <= is_dw ? 24'(dw.py_v) << LANE_W : cv.ifm_sy;
        k0s_q        <= cv.k0_stride;
        k1s_q        <= cv.k1_stride;
        k2s_q        <= cv.k2_stride;
        k0_m1_q      <= cv.k0 - 16'd1;
        k1_m1_q      <= cv.k1 - 16'd1;
        kw_m1_q      <= 3'(dw.kw - 8'd1);
        dsx_m1_q     <= 3'(dw.sx - 8'd1);
        dsy_m1_q     <= 3'(dw.sy - 8'd1);
        tap_src_q    <= is_dw ? tap_sources(dw.kw[3:0], dw.kh[1:0]) : '0;

        x_left_q     <= is_dw ? 13'(dw.in_nx) - 13'd1 : 13'(cv.nx) - 13'd1;
        y_left_q     <= is_dw ? 13'(dw.in_ny) - 13'd1 : 13'(cv.ny) - 13'd1;
        k0_left_q    <= is_dw ? 16'd0 : cv.k0 - 16'd1;
        k1_left_q    <= is_dw ? 16'd0 : cv.k1 - 16'd1;
        k2_left_q    <= is_dw ? 16'd0 : cv.k2 - 16'd1;
        addr_q       <= cv.ifm_base;
        row_q        <= cv.ifm_base;
        base0_q      <= cv.ifm_base;
        base1_q      <= cv.ifm_base;
        base2_q      <= cv.ifm_base;
        acc_q        <= cv.acc_base[9:0];
        first_q      <= 1'b1;
        step0_q      <= 1'b1;
        xwait_q      <= 3'(dw.kw - 8'd1);
        ywait_q      <= 3'(dw.kh - 8'd1);
        col_q        <= '0;
      end
    end
  end

endmodule
