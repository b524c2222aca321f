// SPDX-License-Identifier: Apache-2.0
//
// Encodings the modules of the control core share: opcodes, instruction kinds,
// ALU operations, CSR addresses and trap causes, as named in the RISC-V
// unprivileged and privileged (1.12) specifications.
//
// Constants, not enums: yosys 0.23 has no casts to user types, and the ALU
// operation is built from instruction bits.
package quern_rv_pkg;

  // Major opcodes, instruction bits [6:0]
  localparam logic [6:0] OPC_LOAD     = 7'h03;
  localparam logic [6:0] OPC_MISC_MEM = 7'h0f;
  localparam logic [6:0] OPC_OP_IMM   = 7'h13;
  localparam logic [6:0] OPC_AUIPC    = 7'h17;
  localparam logic [6:0] OPC_STORE    = 7'h23;
  localparam logic [6:0] OPC_OP       = 7'h33;
  localparam logic [6:0] OPC_LUI      = 7'h37;
  localparam logic [6:0] OPC_BRANCH   = 7'h63;
  localparam logic [6:0] OPC_JALR     = 7'h67;
  localparam logic [6:0] OPC_JAL      = 7'h6f;
  localparam logic [6:0] OPC_SYSTEM   = 7'h73;

  // What the control unit does with an instruction
  localparam logic [3:0] KIND_ILLEGAL = 4'd0;
  localparam logic [3:0] KIND_ALU     = 4'd1;   // rd = ALU result; FENCE with rd = x0
  localparam logic [3:0] KIND_BRANCH  = 4'd2;
  localparam logic [3:0] KIND_JUMP    = 4'd3;   // JAL, JALR
  localparam logic [3:0] KIND_LOAD    = 4'd4;
  localparam logic [3:0] KIND_STORE   = 4'd5;
  localparam logic [3:0] KIND_MULDIV  = 4'd6;
  localparam logic [3:0] KIND_CSR     = 4'd7;
  localparam logic [3:0] KIND_FENCE_I = 4'd8;
  localparam logic [3:0] KIND_ECALL   = 4'd9;
  localparam logic [3:0] KIND_EBREAK  = 4'd10;
  localparam logic [3:0] KIND_MRET    = 4'd11;
  localparam logic [3:0] KIND_WFI     = 4'd12;

  // ALU operation: {funct7[5] where it selects, funct3}
  localparam logic [3:0] ALU_ADD  = 4'b0000;
  localparam logic [3:0] ALU_SUB  = 4'b1000;
  localparam logic [3:0] ALU_SLL  = 4'b0001;
  localparam logic [3:0] ALU_SLT  = 4'b0010;
  localparam logic [3:0] ALU_SLTU = 4'b0011;
  localparam logic [3:0] ALU_XOR  = 4'b0100;
  localparam logic [3:0] ALU_SRL  = 4'b0101;
  localparam logic [3:0] ALU_SRA  = 4'b1101;
  localparam logic [3:0] ALU_OR   = 4'b0110;
  localparam logic [3:0] ALU_AND  = 4'b0111;

  // First ALU operand
  localparam logic [1:0] SEL_A_RS1  = 2'd0;
  localparam logic [1:0] SEL_A_PC   = 2'd1;
  localparam logic [1:0] SEL_A_ZERO = 2'd2;

  // Trap causes, mcause bits [4:0]
  localparam logic [4:0] CAUSE_FETCH_FAULT    = 5'd1;
  localparam logic [4:0] CAUSE_ILLEGAL        = 5'd2;
  localparam logic [4:0] CAUSE_BREAKPOINT     = 5'd3;
  localparam logic [4:0] CAUSE_LOAD_MISALIGN  = 5'd4;
  localparam logic [4:0] CAUSE_LOAD_FAULT     = 5'd5;
  localparam logic [4:0] CAUSE_STORE_MISALIGN = 5'd6;
  localparam logic [4:0] CAUSE_STORE_FAULT    = 5'd7;
  localparam logic [4:0] CAUSE_ECALL_M        = 5'd11;
  localparam logic [4:0] CAUSE_IRQ_SOFTWARE   = 5'd3;
  localparam logic [4:0] CAUSE_IRQ_TIMER      = 5'd7;
  localparam logic [4:0] CAUSE_IRQ_EXTERNAL   = 5'd11;

  // CSR addresses
  localparam logic [11:0] CSR_MSTATUS       = 12'h300;
  localparam logic [11:0] CSR_MISA          = 12'h301;
  localparam logic [11:0] CSR_MIE           = 12'h304;
  localparam logic [11:0] CSR_MTVEC         = 12'h305;
  localparam logic [11:0] CSR_MSTATUSH      = 12'h310;
  localparam logic [11:0] CSR_MCOUNTINHIBIT = 12'h320;
  localparam logic [11:0] CSR_MSCRATCH      = 12'h340;
  localparam logic [11:0] CSR_MEPC          = 12'h341;
  localparam logic [11:0] CSR_MCAUSE        = 12'h342;
  localparam logic [11:0] CSR_MTVAL         = 12'h343;
  localparam logic [11:0] CSR_MIP           = 12'h344;
  localparam logic [11:0] CSR_MCYCLE        = 12'hb00;
  localparam logic [11:0] CSR_MINSTRET      = 12'hb02;
  localparam logic [11:0] CSR_MCYCLEH       = 12'hb80;
  localparam logic [11:0] CSR_MINSTRETH     = 12'hb82;
  localparam logic [11:0] CSR_MVENDORID     = 12'hf11;
  localparam logic [11:0] CSR_MARCHID       = 12'hf12;
  localparam logic [11:0] CSR_MIMPID        = 12'hf13;
  localparam logic [11:0] CSR_MHARTID       = 12'hf14;
  localparam logic [11:0] CSR_MCONFIGPTR    = 12'hf15;

  // Bits [11:5] of mhpmevent3..31, mhpmcounter3..31 and mhpmcounterh3..31,
  // which exist and read as zero
  localparam logic [6:0] CSR_HPM_EVENT   = 7'h19;   // 12'h320 >> 5
  localparam logic [6:0] CSR_HPM_COUNT   = 7'h58;   // 12'hb00 >> 5
  localparam logic [6:0] CSR_HPM_COUNTH  = 7'h5c;   // 12'hb80 >> 5

  // Read-only values
  localparam logic [31:0] MISA_VALUE   = 32'h4000_1104;  // MXL = 32, extensions C, I, M
  localparam logic [31:0] MIMPID_VALUE = 32'h0000_0001;

endpackage
