// SPDX-License-Identifier: Apache-2.0
//
// Compressed decoder: turns one 16-bit RV32C instruction into the 32-bit
// instruction it stands for. Reserved and floating-point encodings raise
// illegal_o; hints expand to instructions that write x0.
//
// Combinational. With en_i low the outputs are zero and nothing is evaluated,
// which is what keeps a sleeping core cheap to simulate.
//
// Rejected: decoding compressed forms directly into control signals. It saves
// one multiplexer level and doubles the decoder that has to be verified.
module quern_rv_expand (
  input  logic        en_i,
  input  logic [15:0] insn_i,
  output logic [31:0] insn_o,
  output logic        illegal_o
);

  always_comb begin : expand
    logic [4:0] rd, rs2, rdp, rs1p, rs2p;
    logic [11:0] imm6, immlw, immaddi4spn, immlwsp, immswsp, immaddi16sp;
    logic [20:1] immj;
    logic [12:1] immb;

    insn_o      = 32'd0;
    illegal_o   = 1'b0;
    rd          = 5'd0;
    rs2         = 5'd0;
    rdp         = 5'd0;
    rs1p        = 5'd0;
    rs2p        = 5'd0;
    imm6        = 12'd0;
    immlw       = 12'd0;
    immaddi4spn = 12'd0;
    immlwsp     = 12'd0;
    immswsp     = 12'd0;
    immaddi16sp = 12'd0;
    immj        = 20'd0;
    immb        = 12'd0;

    if (en_i) begin
      rd   = insn_i[11:7];
      rs2  = insn_i[6:2];
      rdp  = {2'b01, insn_i[4:2]};
      rs1p = {2'b01, insn_i[9:7]};
      rs2p = rdp;
      imm6        = {{7{insn_i[12]}}, insn_i[6:2]};
      immlw       = {5'd0, insn_i[5], insn_i[12:10], insn_i[6], 2'b00};
      immaddi4spn = {2'd0, insn_i[10:7], insn_i[12:11], insn_i[5], insn_i[6], 2'b00};
      immlwsp     = {4'd0, insn_i[3:2], insn_i[12], insn_i[6:4], 2'b00};
      immswsp     = {4'd0, insn_i[8:7], insn_i[12:9], 2'b00};
      immaddi16sp = {{3{insn_i[12]}}, insn_i[4:3], insn_i[5], insn_i[2], insn_i[6], 4'd0};
      immj        = {{10{insn_i[12]}}, insn_i[8], insn_i[10:9], insn_i[6], insn_i[7],
                     insn_i[2], insn_i[11], insn_i[5:3]};
      immb        = {{5{insn_i[12]}}, insn_i[6:5], insn_i[2], insn_i[11:10], insn_i[4:3]};

      case ({insn_i[1:0], insn_i[15:13]})
        5'b00_000: begin                                            // c.addi4spn
          insn_o    = {immaddi4spn, 5'd2, 3'b000, rdp, quern_rv_pkg::OPC_OP_IMM};
          illegal_o = immaddi4spn == 12'd0;
        end
        5'b00_010: insn_o = {immlw, rs1p, 3'b010, rdp, quern_rv_pkg::OPC_LOAD};   // c.lw
        5'b00_110:                                                  // c.sw
          insn_o = {immlw[11:5], rs2p, rs1p, 3'b010, immlw[4:0], quern_rv_pkg::OPC_STORE};
        5'b01_000: insn_o = {imm6, rd, 3'b000, rd, quern_rv_pkg::OPC_OP_IMM};     // c.addi, c.nop
        5'b01_001, 5'b01_101:                                       // c.jal, c.j
          insn_o = {immj[20], immj[10:1], immj[11], immj[19:12],
                    4'd0, ~insn_i[15], quern_rv_pkg::OPC_JAL};
        5'b01_010: insn_o = {imm6, 5'd0, 3'b000, rd, quern_rv_pkg::OPC_OP_IMM};   // c.li
        5'b01_011: begin
          if (rd == 5'd2)                                           // c.addi16sp
            insn_o = {immaddi16sp, 5'd2, 3'b000, 5'd2, quern_rv_pkg::OPC_OP_IMM};
          else                                                      // c.lui
            insn_o = {{8{imm6[11]}}, imm6, rd, quern_rv_pkg::OPC_LUI};
          illegal_o = {insn_i[12], insn_i[6:2]} == 6'd0;
        end
        5'b01_100: begin
          case (insn_i[11:10])
            2'b00: insn_o = {7'h00, rs2, rs1p, 3'b101, rs1p, quern_rv_pkg::OPC_OP_IMM};  // c.srli
            2'b01: insn_o = {7'h20, rs2, rs1p, 3'b101, rs1p, quern_rv_pkg::OPC_OP_IMM};  // c.srai
            2'b10: insn_o = {imm6, rs1p, 3'b111, rs1p, quern_rv_pkg::OPC_OP_IMM};        // c.andi
            default:
              case (insn_i[6:5])
                2'b00:   insn_o = {7'h20, rs2p, rs1p, 3'b000, rs1p, quern_rv_pkg::OPC_OP};  // c.sub
                2'b01:   insn_o = {7'h00, rs2p, rs1p, 3'b100, rs1p, quern_rv_pkg::OPC_OP};  // c.xor
                2'b10:   insn_o = {7'h00, rs2p, rs1p, 3'b110, rs1p, quern_rv_pkg::OPC_OP};  // c.or
                default: insn_o = {7'h00, rs2p, rs1p, 3'b111, rs1p, quern_rv_pkg::OPC_OP};  // c.and
              endcase
          endcase
          // A shift by 32 or more is custom space; c.subw and c.addw are RV64.
          illegal_o = insn_i[12] && insn_i[11:10] != 2'b10;
        end
        5'b01_110, 5'b01_111:                                       // c.beqz, c.bnez
          insn_o = {immb[12], immb[10:5], 5'd0, rs1p, 2'b00, insn_i[13],
                    immb[4:1], immb[11], quern_rv_pkg::OPC_BRANCH};
        5'b10_000: begin                                            // c.slli
          insn_o    = {7'h00, rs2, rd, 3'b001, rd, quern_rv_pkg::OPC_OP_IMM};
          illegal_o = insn_i[12];
        end
        5'b10_010: begin                                            // c.lwsp
          insn_o    = {immlwsp, 5'd2, 3'b010, rd, quern_rv_pkg::OPC_LOAD};
          illegal_o = rd == 5'd0;
        end
        5'b10_100: begin
          if (rs2 != 5'd0) begin                                    // c.mv, c.add
            insn_o = {7'h00, rs2, insn_i[12] ? rd : 5'd0, 3'b000, rd, quern_rv_pkg::OPC_OP};
          end else if (rd != 5'd0) begin                            // c.jr, c.jalr
            insn_o = {12'd0, rd, 3'b000, 4'd0, insn_i[12], quern_rv_pkg::OPC_JALR};
          end else begin                                            // c.ebreak
            insn_o    = {12'd1, 13'd0, quern_rv_pkg::OPC_SYSTEM};
            illegal_o = !insn_i[12];
          end
        end
        5'b10_110:                                                  // c.swsp
          insn_o = {immswsp[11:5], rs2, 5'd2, 3'b010, immswsp[4:0], quern_rv_pkg::OPC_STORE};
        default: illegal_o = 1'b1;                                  // floating point
      endcase
    end
  end

endmodule
