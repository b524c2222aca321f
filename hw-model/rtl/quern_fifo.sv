// SPDX-License-Identifier: Apache-2.0
//
// FIFO on one SRAM macro. The head waits in the macro's read register, so a wide
// FIFO needs no second copy and no output multiplexer.
//
// Timing: a word pushed into an empty FIFO is valid two cycles later; after that
// one word a cycle. Push and pop may coincide. It holds DEPTH words plus the
// head; full_o looks at the SRAM alone. clear_i empties it and wins over a push.
// DEPTH is a power of two.
//
// Rejected: a bypass around the SRAM (saves one cycle of an empty FIFO, costs a
// multiplexer of full width on every read).
module quern_fifo #(
  parameter int unsigned WIDTH = 128,
  parameter int unsigned DEPTH = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  input  logic             push_i,
  input  logic [WIDTH-1:0] wdata_i,
  output logic             full_o,
  input  logic             pop_i,
  output logic             valid_o,   // rdata_o is the head
  output logic [WIDTH-1:0] rdata_o,
  output logic             empty_o    // nothing here, and nothing on its way to the head
);

  localparam int unsigned PTR_W = $clog2(DEPTH);

  logic [PTR_W-1:0] wptr_q, rptr_q;
  logic [PTR_W:0]   count_q;   // words in the SRAM, the head excluded
  logic             head_q;
  logic             re;

  assign re      = count_q != 0 && (!head_q || pop_i);
  assign full_o  = count_q[PTR_W];
  assign valid_o = head_q;
  assign empty_o = !head_q && count_q == 0;

  quern_sram_1r1w #(.WIDTH(WIDTH), .DEPTH(DEPTH)) u_sram (
    .clk_i,
    .re_i   (re),
    .raddr_i(rptr_q),
    .rdata_o(rdata_o),
    .we_i   (push_i),
    .waddr_i(wptr_q),
    .wdata_i(wdata_i)
  );

  always_ff @(posedge clk_i) begin : control
    if (!rst_ni || clear_i) begin
      wptr_q  <= '0;
      rptr_q  <= '0;
      count_q <= '0;
      head_q  <= 1'b0;
    end else if (push_i || pop_i || re) begin
      if (push_i)
        wptr_q <= wptr_q + 1'b1;
      if (re)
        rptr_q <= rptr_q + 1'b1;
      count_q <= count_q + (PTR_W+1)'(push_i) - (PTR_W+1)'(re);
      head_q  <= re || (head_q && !pop_i);
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // A full FIFO must not be pushed.
    a_overflow: assert (!rst_ni || clear_i || !(push_i && full_o));
    // An empty FIFO must not be popped.
    a_underflow: assert (!rst_ni || clear_i || !(pop_i && !head_q));
  end
`endif

endmodule
