// SPDX-License-Identifier: Apache-2.0
//
// Multiplier and divider of the M extension.
//
// start_i for one cycle latches the operands; done_o comes with result_o one
// cycle later for the four multiplications and 33 cycles later for division
// and remainder. funct3_i must stay stable from start_i to done_o. flush_i
// abandons an operation; it is high in reset.
//
// Multiplication is an unsigned 32 x 32 product in one cycle, corrected for
// negative operands: a 33 x 33 signed product would be a three-word operation
// in simulation. Division is restoring, one quotient bit per cycle, on
// magnitudes. Division by zero and overflow need no special case, except that
// a quotient by zero is not negated.
//
// Rejected: early termination. Firmware divides rarely, and a run time that
// does not depend on the data is easier to bound.
module quern_rv_muldiv (
  input  logic        clk_i,
  input  logic        flush_i,
  input  logic        start_i,
  input  logic [2:0]  funct3_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic        done_o,
  output logic [31:0] result_o
);

  localparam logic [5:0] DIV_STEPS = 6'd32;

  logic        busy_q;
  logic [5:0]  steps_q;      // quotient bits still to be found
  logic [31:0] quo_q;        // multiplicand; dividend shifting out, quotient in
  logic [31:0] rem_q;
  logic [31:0] den_q;        // multiplier; divisor
  logic        neg_quo_q, neg_rem_q;

  always_ff @(posedge clk_i) begin : step
    if (flush_i) begin
      busy_q <= 1'b0;
    end else if (start_i) begin
      logic neg_a, neg_b;
      neg_a = funct3_i[2] && !funct3_i[0] && a_i[31];
      neg_b = funct3_i[2] && !funct3_i[0] && b_i[31];
      busy_q    <= 1'b1;
      steps_q   <= funct3_i[2] ? DIV_STEPS : 6'd0;
      quo_q     <= neg_a ? -a_i : a_i;
      den_q     <= neg_b ? -b_i : b_i;
      rem_q     <= 32'd0;
      neg_quo_q <= (neg_a ^ neg_b) && b_i != 32'd0;
      neg_rem_q <= neg_a;
    end else if (busy_q) begin
      if (steps_q == 6'd0) begin
        busy_q <= 1'b0;
      end else begin
        logic [32:0] partial;
        logic fits;
        partial = {rem_q, quo_q[31]};
        fits    = partial >= {1'b0, den_q};
        rem_q   <= fits ? partial[31:0] - den_q : partial[31:0];
        quo_q   <= {quo_q[30:0], fits};
        steps_q <= steps_q - 6'd1;
      end
    end
  end

  assign done_o = busy_q && steps_q == 6'd0;

  always_comb begin : select
    logic [63:0] product;
    logic [31:0] high;

    product  = 64'd0;
    high     = 32'd0;
    result_o = 32'd0;
    if (done_o) begin
      if (!funct3_i[2]) begin
        product = {32'd0, quo_q} * {32'd0, den_q};
        // Read as unsigned, a negative operand is 2^32 too large.
        high = product[63:32];
        if (funct3_i[1:0] != 2'b11 && quo_q[31])
          high = high - den_q;
        if (funct3_i[1:0] == 2'b01 && den_q[31])
          high = high - quo_q;
        result_o = funct3_i[1:0] == 2'b00 ? product[31:0] : high;
      end else if (!funct3_i[1]) begin
        result_o = neg_quo_q ? -quo_q : quo_q;
      end else begin
        result_o = neg_rem_q ? -rem_q : rem_q;
      end
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // An operation must not be started over a running one.
    a_start_busy: assert (!(start_i && busy_q && !flush_i));
    // A division must not take more steps than there are quotient bits.
    a_steps: assert (flush_i || !busy_q || steps_q <= DIV_STEPS);
  end
`endif

endmodule
