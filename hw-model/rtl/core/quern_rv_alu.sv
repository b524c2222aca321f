// SPDX-License-Identifier: Apache-2.0
//
// Integer ALU and branch comparator.
//
// The one adder serves arithmetic, load/store addresses and jump and branch
// targets; branches are therefore decided by a comparator of their own, on the
// register values. Combinational; outputs are zero while en_i is low.
//
// Rejected: one shifter with bit reversal for left shifts. It saves some 150
// cells and costs 32 single-bit moves per evaluation in simulation.
module quern_rv_alu (
  input  logic        en_i,
  input  logic [3:0]  op_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] result_o,

  input  logic [2:0]  cmp_funct3_i,
  input  logic [31:0] cmp_a_i,
  input  logic [31:0] cmp_b_i,
  output logic        cmp_o
);

  always_comb begin : alu
    logic sub;
    logic [31:0] sum;
    logic [31:0] shifted;

    result_o = 32'd0;
    sub      = 1'b0;
    sum      = 32'd0;
    shifted  = 32'd0;

    if (en_i) begin
      sub     = op_i == quern_rv_pkg::ALU_SUB;
      sum     = a_i + (b_i ^ {32{sub}}) + {31'd0, sub};
      shifted = 32'(signed'({op_i[3] && a_i[31], a_i}) >>> b_i[4:0]);
      case (op_i)
        quern_rv_pkg::ALU_SLL:          result_o = a_i << b_i[4:0];
        quern_rv_pkg::ALU_SLT:          result_o = {31'd0, $signed(a_i) < $signed(b_i)};
        quern_rv_pkg::ALU_SLTU:         result_o = {31'd0, a_i < b_i};
        quern_rv_pkg::ALU_XOR:          result_o = a_i ^ b_i;
        quern_rv_pkg::ALU_SRL, quern_rv_pkg::ALU_SRA: result_o = shifted;
        quern_rv_pkg::ALU_OR:           result_o = a_i | b_i;
        quern_rv_pkg::ALU_AND:          result_o = a_i & b_i;
        default:          result_o = sum;
      endcase
    end
  end

  always_comb begin : compare
    cmp_o = 1'b0;
    if (en_i) begin
      case (cmp_funct3_i[2:1])
        2'b00:   cmp_o = cmp_a_i == cmp_b_i;
        2'b10:   cmp_o = $signed(cmp_a_i) < $signed(cmp_b_i);
        default: cmp_o = cmp_a_i < cmp_b_i;
      endcase
      cmp_o = cmp_o ^ cmp_funct3_i[0];
    end
  end

endmodule
