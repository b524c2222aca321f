// SPDX-License-Identifier: Apache-2.0
//
// Decoder for 32-bit RV32IM + Zicsr instructions: instruction kind, ALU
// operation, operand selection, immediate. Every encoding that is not listed
// is quern_rv_pkg::KIND_ILLEGAL; a CSR that does not exist is found by quern_core_csr.
//
// Combinational; outputs are zero (quern_rv_pkg::KIND_ILLEGAL) while en_i is low.
//
// Rejected: a packed control struct. Verilator packs it into one wide word
// and pays a mask and a shift for every field that is written or read.
module quern_rv_decode (
  input  logic        en_i,
  input  logic [31:0] insn_i,
  output logic [3:0]  kind_o,
  output logic [3:0]  alu_op_o,
  output logic [1:0]  sel_a_o,
  output logic        sel_b_imm_o,
  output logic        rd_we_o,      // the instruction writes rd, and rd is not x0
  output logic [31:0] imm_o
);

  always_comb begin : decode
    logic [2:0] funct3;
    logic [6:0] funct7;
    logic writes_rd;

    kind_o      = quern_rv_pkg::KIND_ILLEGAL;
    alu_op_o    = quern_rv_pkg::ALU_ADD;
    sel_a_o     = quern_rv_pkg::SEL_A_RS1;
    sel_b_imm_o = 1'b1;
    imm_o       = 32'd0;
    funct3      = 3'd0;
    funct7      = 7'd0;
    writes_rd   = 1'b0;
    rd_we_o     = 1'b0;

    if (en_i) begin
      funct3 = insn_i[14:12];
      funct7 = insn_i[31:25];
      imm_o  = {{20{insn_i[31]}}, insn_i[31:20]};
      case (insn_i[6:0])
        quern_rv_pkg::OPC_OP_IMM: begin
          writes_rd = 1'b1;
          alu_op_o  = {funct3 == 3'b101 && funct7[5], funct3};
          if ((funct3 != 3'b001 || funct7 == 7'h00) &&
              (funct3 != 3'b101 || (funct7 & 7'h5f) == 7'h00))
            kind_o = quern_rv_pkg::KIND_ALU;
        end
        quern_rv_pkg::OPC_OP: begin
          writes_rd   = 1'b1;
          sel_b_imm_o = 1'b0;
          alu_op_o    = {funct7[5], funct3};
          if (funct7 == 7'h01)
            kind_o = quern_rv_pkg::KIND_MULDIV;
          else if (funct7 == 7'h00 ||
                   (funct7 == 7'h20 && (funct3 == 3'b000 || funct3 == 3'b101)))
            kind_o = quern_rv_pkg::KIND_ALU;
        end
        quern_rv_pkg::OPC_LOAD: begin
          writes_rd = 1'b1;
          if (funct3 != 3'b011 && funct3[2:1] != 2'b11)
            kind_o = quern_rv_pkg::KIND_LOAD;
        end
        quern_rv_pkg::OPC_STORE: begin
          imm_o = {{20{insn_i[31]}}, insn_i[31:25], insn_i[11:7]};
          if (!funct3[2] && funct3 != 3'b011)
            kind_o = quern_rv_pkg::KIND_STORE;
        end
        quern_rv_pkg::OPC_BRANCH: begin
          sel_a_o = quern_rv_pkg::SEL_A_PC;
          imm_o   = {{20{insn_i[31]}}, insn_i[7], insn_i[30:25], insn_i[11:8], 1'b0};
          if (funct3[2:1] != 2'b01)
            kind_o = quern_rv_pkg::KIND_BRANCH;
        end
        quern_rv_pkg::OPC_JAL: begin
          writes_rd = 1'b1;
          sel_a_o   = quern_rv_pkg::SEL_A_PC;
          imm_o     = {{12{insn_i[31]}}, insn_i[19:12], insn_i[20], insn_i[30:21], 1'b0};
          kind_o    = quern_rv_pkg::KIND_JUMP;
        end
        quern_rv_pkg::OPC_JALR: begin
          writes_rd = 1'b1;
          if (funct3 == 3'b000)
            kind_o = quern_rv_pkg::KIND_JUMP;
        end
        quern_rv_pkg::OPC_LUI: begin
          writes_rd = 1'b1;
          sel_a_o   = quern_rv_pkg::SEL_A_ZERO;
          imm_o     = {insn_i[31:12], 12'd0};
          kind_o    = quern_rv_pkg::KIND_ALU;
        end
        quern_rv_pkg::OPC_AUIPC: begin
          writes_rd = 1'b1;
          sel_a_o   = quern_rv_pkg::SEL_A_PC;
          imm_o     = {insn_i[31:12], 12'd0};
          kind_o    = quern_rv_pkg::KIND_ALU;
        end
        quern_rv_pkg::OPC_MISC_MEM: begin
          // FENCE orders nothing here: one access is outstanding at a time.
          if (funct3 == 3'b000)
            kind_o = quern_rv_pkg::KIND_ALU;
          else if (funct3 == 3'b001)
            kind_o = quern_rv_pkg::KIND_FENCE_I;
        end
        quern_rv_pkg::OPC_SYSTEM: begin
          if (funct3 == 3'b000) begin
            case (insn_i[31:7])
              25'h000_0000: kind_o = quern_rv_pkg::KIND_ECALL;
              25'h000_2000: kind_o = quern_rv_pkg::KIND_EBREAK;
              25'h060_4000: kind_o = quern_rv_pkg::KIND_MRET;
              25'h020_a000: kind_o = quern_rv_pkg::KIND_WFI;
              default:      kind_o = quern_rv_pkg::KIND_ILLEGAL;
            endcase
          end else if (funct3 != 3'b100) begin
            writes_rd = 1'b1;
            kind_o    = quern_rv_pkg::KIND_CSR;
          end
        end
        default: kind_o = quern_rv_pkg::KIND_ILLEGAL;
      endcase
      rd_we_o = writes_rd && insn_i[11:7] != 5'd0;
    end
  end

endmodule
