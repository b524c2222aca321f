// SPDX-License-Identifier: Apache-2.0
//
// Line buffer of DWCONV: the two input rows above the current one.
//
// push_i names the column of an input vector that arrives in the next cycle; in
// that cycle line0_o and line1_o hold the same column two rows and one row above,
// and the column moves up: line1 to line0, x_data_i to line1. A column must not
// be pushed in two cycles running (the caller waits; it happens in tiles of one
// column only). A pulse on scrub_i zeroes both lines, one column a cycle.
module quern_dw_line #(
  parameter int unsigned N = 16
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           scrub_i,
  output logic           scrub_busy_o,

  input  logic           en_i,     // low only if there is nothing to push
  input  logic           push_i,
  input  logic [6:0]     col_i,
  input  logic [N*8-1:0] x_data_i,
  output logic [N*8-1:0] line0_o,
  output logic [N*8-1:0] line1_o
);

  localparam int unsigned COLS = quern_pkg::DW_MAX_COLS;

  logic       scrub_q, push_q;
  logic [6:0] col_q;

  assign scrub_busy_o = scrub_q;

  always_ff @(posedge clk_i) begin : columns
    if (en_i) begin
      push_q <= push_i;
      col_q  <= col_i;
    end
    if (scrub_i || scrub_q) begin
      scrub_q <= !(scrub_q && col_q == 7'(COLS - 1));
      push_q  <= 1'b0;
      col_q   <= scrub_q ? col_q + 7'd1 : 7'd0;
    end
    if (!rst_ni) begin
      scrub_q <= 1'b0;
      push_q  <= 1'b0;
    end
  end

  logic [N*8-1:0] wdata0, wdata1;
  always_comb begin
    wdata0 = '0;
    wdata1 = '0;
    if (push_q) begin
      wdata0 = line1_o;
      wdata1 = x_data_i;
    end
  end

  quern_sram_1r1w #(.WIDTH(N * 8), .DEPTH(COLS)) i_line0 (
    .clk_i, .re_i(push_i), .raddr_i(col_i), .rdata_o(line0_o),
    .we_i(push_q || scrub_q), .waddr_i(col_q), .wdata_i(wdata0));
  quern_sram_1r1w #(.WIDTH(N * 8), .DEPTH(COLS)) i_line1 (
    .clk_i, .re_i(push_i), .raddr_i(col_i), .rdata_o(line1_o),
    .we_i(push_q || scrub_q), .waddr_i(col_q), .wdata_i(wdata1));

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : check
    // a column must not be read while it is written
    if (rst_ni)
      a_no_collision : assert (!(push_i && push_q && col_i == col_q));
    // the caller must not push while the lines are scrubbed
    if (rst_ni)
      a_scrub_quiet : assert (!(scrub_q && push_i));
  end
`endif

endmodule
