// SPDX-License-Identifier: Apache-2.0
//
// Quern's control core: RV32IMC + Zicsr, machine mode only. This module is the
// control unit; it sequences one instruction at a time through the units it
// instantiates.
//
// Interfaces
//   instr_*   word fetches from the tightly coupled memory; instr_rdata_i and
//             instr_err_i belong to the request of the cycle before. Never stalls.
//   data_*    data_req_o and its payload hold until data_gnt_i. One response
//             (data_rvalid_i) per granted request, one cycle later or more, also
//             for writes; one request is outstanding at most.
//   irq_*     levels, synchronous to clk_i.
//   sleep_o   the core waits in WFI.
//   trap_o    pulses for each exception and each interrupt taken.
//   rvfi_*    one instruction per rvfi_valid_o, in the cycle it retires or traps.
//             rvfi_insn_o is the raw instruction, 16 bits zero-extended if
//             compressed; rvfi_mem_addr_o is the word address on the bus;
//             rvfi_intr_o marks the first instruction of an interrupt handler.
//             Unconnected, the port and its one register vanish.
//
// Timing, in cycles: ALU, CSR and untaken branch 1, taken branch and jump 2
// (3 to a 32-bit instruction that straddles two words), load and store 2 plus
// the bus's waiting time, multiplication 2, division 34, trap and mret 2,
// interrupt entry 3 to the handler's first instruction.
//
// Fetch is one stage; decode, execution and write-back are the other, because
// firmware is short and branchy. Memory accesses wait for their response, so
// bus errors are precise and no hazard or write buffer exists.
//
// Reset only forces the state; the boot cycle after it initialises everything
// else, so that a core held in reset or asleep costs a simulation next to
// nothing. Reset must last until the response to an outstanding data request
// has come. A response that nothing waits for is ignored.
//
// Rejected: a third stage. It would shorten the memory-to-register path and
// cost load-use and branch bubbles, a bypass network and their verification.
module quern_core (
  input  logic        clk_i,
  input  logic        rst_ni,
  // Instructions are aligned to two bytes: bit 0 has no meaning.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [31:0] boot_addr_i,
  // verilator lint_on UNUSEDSIGNAL

  output logic        instr_req_o,
  output logic [31:0] instr_addr_o,
  input  logic [31:0] instr_rdata_i,
  input  logic        instr_err_i,

  output logic        data_req_o,
  output logic        data_we_o,
  output logic [3:0]  data_be_o,
  output logic [31:0] data_addr_o,
  output logic [31:0] data_wdata_o,
  input  logic        data_gnt_i,
  input  logic        data_rvalid_i,
  input  logic [31:0] data_rdata_i,
  input  logic        data_err_i,

  input  logic        irq_external_i,
  input  logic        irq_timer_i,
  input  logic        irq_software_i,

  output logic        sleep_o,
  output logic        trap_o,

  output logic        rvfi_valid_o,
  output logic [31:0] rvfi_insn_o,
  output logic [31:0] rvfi_pc_o,
  output logic [31:0] rvfi_pc_next_o,
  output logic [4:0]  rvfi_rd_addr_o,
  output logic [31:0] rvfi_rd_wdata_o,
  output logic [31:0] rvfi_mem_addr_o,
  output logic [3:0]  rvfi_mem_wmask_o,
  output logic [31:0] rvfi_mem_wdata_o,
  output logic        rvfi_trap_o,
  output logic        rvfi_intr_o
);

  localparam logic [2:0] S_RESET  = 3'd0;
  localparam logic [2:0] S_SLEEP  = 3'd1;   // in WFI
  localparam logic [2:0] S_BOOT   = 3'd2;   // one cycle after reset: initialise
  localparam logic [2:0] S_RUN    = 3'd4;   // execute what fetch offers
  localparam logic [2:0] S_GRANT  = 3'd5;   // data request not yet accepted
  localparam logic [2:0] S_RESP   = 3'd6;   // data response outstanding
  localparam logic [2:0] S_MULDIV = 3'd7;

  logic [2:0] state_q, state_d;
  logic       boot, awake, running;

  assign boot    = state_q == S_BOOT;
  assign awake   = state_q[2];
  assign sleep_o = state_q == S_SLEEP;
  assign running = awake || sleep_o;

  // Fetch

  logic        redirect, retire, trap;
  logic [31:1] target;
  logic        insn_valid, compressed, fetch_fault, fetch_fault_high;
  logic [31:0] raw, pc, pc_next;

  quern_core_fetch i_fetch (
    .clk_i,
    .en_i         (awake),
    .redirect_i   (redirect),
    .target_i     (target),
    .consume_i    (retire),
    .valid_o      (insn_valid),
    .insn_o       (raw),
    .compressed_o (compressed),
    .fault_o      (fetch_fault),
    .fault_high_o (fetch_fault_high),
    .pc_o         (pc),
    .pc_next_o    (pc_next),
    .instr_req_o,
    .instr_addr_o,
    .instr_rdata_i,
    .instr_err_i
  );

  // Decode. Registers and units see an instruction only when it is complete.

  logic        expand_illegal;
  logic [31:0] expanded, insn;
  logic [3:0]  kind, alu_op;
  logic [1:0]  sel_a;
  logic        sel_b_imm, rd_we;
  logic [31:0] imm;

  quern_rv_expand i_expand (
    .en_i      (insn_valid && compressed),
    .insn_i    (raw[15:0]),
    .insn_o    (expanded),
    .illegal_o (expand_illegal)
  );

  assign insn = compressed ? expanded : raw;

  quern_rv_decode i_decode (
    .en_i        (insn_valid && !expand_illegal),
    .insn_i      (insn),
    .kind_o      (kind),
    .alu_op_o    (alu_op),
    .sel_a_o     (sel_a),
    .sel_b_imm_o (sel_b_imm),
    .rd_we_o     (rd_we),
    .imm_o       (imm)
  );

  // Registers and ALU

  logic [31:0] rs1, rs2, rd_data, alu_a, alu_b, alu_result;
  logic        rd_write, branch_taken;

  quern_core_regs i_regs (
    .clk_i,
    .en_i      (insn_valid),
    .raddr_a_i (insn[19:15]),
    .rdata_a_o (rs1),
    .raddr_b_i (insn[24:20]),
    .rdata_b_o (rs2),
    .we_i      (rd_write),
    .waddr_i   (insn[11:7]),
    .wdata_i   (rd_data)
  );

  assign alu_a = sel_a == quern_rv_pkg::SEL_A_RS1 ? rs1 :
                 sel_a == quern_rv_pkg::SEL_A_PC  ? pc  : 32'd0;
  assign alu_b = sel_b_imm ? imm : rs2;

  quern_rv_alu i_alu (
    .en_i         (insn_valid),
    .op_i         (alu_op),
    .a_i          (alu_a),
    .b_i          (alu_b),
    .result_o     (alu_result),
    .cmp_funct3_i (insn[14:12]),
    .cmp_a_i      (rs1),
    .cmp_b_i      (rs2),
    .cmp_o        (branch_taken)
  );

  logic        muldiv_start, muldiv_done;
  logic [31:0] muldiv_result;

  quern_rv_muldiv i_muldiv (
    .clk_i,
    .flush_i  (!running),
    .start_i  (muldiv_start),
    .funct3_i (insn[14:12]),
    .a_i      (rs1),
    .b_i      (rs2),
    .done_o   (muldiv_done),
    .result_o (muldiv_result)
  );

  // Data port

  logic        is_mem, misaligned;
  logic [31:0] load_data;

  assign is_mem = kind == quern_rv_pkg::KIND_LOAD || kind == quern_rv_pkg::KIND_STORE;

  quern_core_lsu i_lsu (
    .en_i         (is_mem),
    .funct3_i     (insn[14:12]),
    .addr_i       (alu_result[1:0]),
    .wdata_i      (rs2),
    .misaligned_o (misaligned),
    .be_o         (data_be_o),
    .wdata_o      (data_wdata_o),
    .rdata_i      (data_rdata_i),
    .rdata_o      (load_data)
  );

  assign data_we_o   = kind == quern_rv_pkg::KIND_STORE;
  assign data_addr_o = {alu_result[31:2], 2'b00};

  // CSRs and traps

  logic        trap_irq, mret, csr_access, csr_illegal, irq_wake, irq_take;
  logic [4:0]  cause;
  logic [31:0] trap_value, csr_rdata;
  logic [31:1] trap_target, mepc;

  quern_core_csr i_csr (
    .clk_i,
    .init_i        (boot),
    .run_i         (running),
    .decode_i      (kind == quern_rv_pkg::KIND_CSR),
    .access_i      (csr_access),
    .funct3_i      (insn[14:12]),
    .addr_i        (insn[31:20]),
    .rs1_i         (insn[19:15]),
    .rs1_data_i    (rs1),
    .rdata_o       (csr_rdata),
    .illegal_o     (csr_illegal),
    .trap_i        (trap),
    .trap_irq_i    (trap_irq),
    .trap_cause_i  (cause),
    .trap_pc_i     (pc[31:1]),
    .trap_value_i  (trap_value),
    .trap_target_o (trap_target),
    .mret_i        (mret),
    .mepc_o        (mepc),
    .irq_external_i,
    .irq_timer_i,
    .irq_software_i,
    .irq_wake_o    (irq_wake),
    .irq_take_o    (irq_take),
    .retire_i      (retire)
  );

  // Control

  always_comb begin : control
    state_d      = state_q;
    retire       = 1'b0;
    redirect     = boot;
    target       = boot_addr_i[31:1];
    trap         = 1'b0;
    trap_irq     = 1'b0;
    cause        = 5'd0;
    trap_value   = 32'd0;
    data_req_o   = 1'b0;
    muldiv_start = 1'b0;
    csr_access   = 1'b0;
    mret         = 1'b0;
    rd_data      = alu_result;

    case (state_q)
      S_RESET: state_d = S_BOOT;

      S_BOOT: state_d = S_RUN;

      S_SLEEP:
        if (irq_wake)
          state_d = S_RUN;

      S_RUN: begin
        if (irq_take) begin
          trap     = 1'b1;
          trap_irq = 1'b1;
        end else if (insn_valid) begin
          target = alu_result[31:1];
          if (fetch_fault) begin
            trap       = 1'b1;
            cause      = quern_rv_pkg::CAUSE_FETCH_FAULT;
            trap_value = fetch_fault_high ? pc + 32'd2 : pc;
          end else begin
            case (kind)
              quern_rv_pkg::KIND_ALU: retire = 1'b1;

              quern_rv_pkg::KIND_BRANCH: begin
                retire   = 1'b1;
                redirect = branch_taken;
              end

              quern_rv_pkg::KIND_JUMP: begin
                retire   = 1'b1;
                redirect = 1'b1;
                rd_data  = pc_next;
              end

              quern_rv_pkg::KIND_LOAD, quern_rv_pkg::KIND_STORE: begin
                trap       = misaligned;
                cause      = data_we_o ? quern_rv_pkg::CAUSE_STORE_MISALIGN :
                                         quern_rv_pkg::CAUSE_LOAD_MISALIGN;
                trap_value = alu_result;
                data_req_o = !misaligned;
                if (data_req_o)
                  state_d = S_GRANT;
              end

              quern_rv_pkg::KIND_MULDIV: begin
                muldiv_start = 1'b1;
                state_d      = S_MULDIV;
              end

              quern_rv_pkg::KIND_CSR: begin
                rd_data    = csr_rdata;
                csr_access = !csr_illegal;
                retire     = csr_access;
                trap       = csr_illegal;
                cause      = quern_rv_pkg::CAUSE_ILLEGAL;
                trap_value = raw;
              end

              quern_rv_pkg::KIND_FENCE_I: begin
                retire   = 1'b1;
                redirect = 1'b1;
                target   = pc_next[31:1];
              end

              quern_rv_pkg::KIND_ECALL: begin
                trap  = 1'b1;
                cause = quern_rv_pkg::CAUSE_ECALL_M;
              end

              quern_rv_pkg::KIND_EBREAK: begin
                trap       = 1'b1;
                cause      = quern_rv_pkg::CAUSE_BREAKPOINT;
                trap_value = pc;
              end

              quern_rv_pkg::KIND_MRET: begin
                retire   = 1'b1;
                mret     = 1'b1;
                redirect = 1'b1;
                target   = mepc;
              end

              quern_rv_pkg::KIND_WFI: begin
                retire = 1'b1;
                // Fetch restarts on waking; what it holds would go stale.
                redirect = !irq_wake;
                target   = pc_next[31:1];
                if (!irq_wake)
                  state_d = S_SLEEP;
              end

              default: begin
                trap       = 1'b1;
                cause      = quern_rv_pkg::CAUSE_ILLEGAL;
                trap_value = raw;
              end
            endcase
          end
        end
      end

      S_GRANT: data_req_o = 1'b1;

      S_RESP: begin
        rd_data    = load_data;
        cause      = data_we_o ? quern_rv_pkg::CAUSE_STORE_FAULT :
                                 quern_rv_pkg::CAUSE_LOAD_FAULT;
        trap_value = alu_result;
        if (data_rvalid_i) begin
          state_d = S_RUN;
          retire  = !data_err_i;
          trap    = data_err_i;
        end
      end

      S_MULDIV: begin
        rd_data = muldiv_result;
        if (muldiv_done) begin
          state_d = S_RUN;
          retire  = 1'b1;
        end
      end

      default: state_d = S_RESET;
    endcase

    if (trap) begin
      redirect = 1'b1;
      target   = trap_target;
    end
  end

  assign rd_write = retire && rd_we;
  assign trap_o   = trap;

  // The grant enters here, and not above, so that a grant which depends on the
  // request is no combinational loop.
  always_ff @(posedge clk_i) begin : state
    if (!rst_ni)
      state_q <= S_RESET;
    else if (state_d == S_GRANT && data_gnt_i)
      state_q <= S_RESP;
    else
      state_q <= state_d;
  end

  // RVFI

  logic intr_q;

  always_ff @(posedge clk_i) begin : intr
    if (boot || trap || retire)
      intr_q <= trap && trap_irq;
  end

  assign rvfi_valid_o     = retire || (trap && !trap_irq);
  assign rvfi_insn_o      = raw;
  assign rvfi_pc_o        = pc;
  assign rvfi_pc_next_o   = redirect ? {target, 1'b0} : pc_next;
  assign rvfi_rd_addr_o   = rd_write ? insn[11:7] : 5'd0;
  assign rvfi_rd_wdata_o  = rd_write ? rd_data : 32'd0;
  assign rvfi_mem_addr_o  = data_addr_o;
  assign rvfi_mem_wmask_o = retire && data_we_o ? data_be_o : 4'd0;
  assign rvfi_mem_wdata_o = data_wdata_o;
  assign rvfi_trap_o      = trap;
  assign rvfi_intr_o      = intr_q;

`ifndef SYNTHESIS
  logic        req_q;         // a request was refused in the cycle before
  logic [68:0] payload_q;

  always_ff @(posedge clk_i) begin : assertions
    req_q     <= rst_ni && data_req_o && !data_gnt_i;
    payload_q <= {data_we_o, data_be_o, data_addr_o, data_wdata_o};
    if (rst_ni && running) begin
      // A request must not be withdrawn or change before it is granted.
      a_req_stable: assert (!req_q || (data_req_o &&
        payload_q == {data_we_o, data_be_o, data_addr_o, data_wdata_o}));
      // A request must not be made while a response is outstanding.
      a_outstanding: assert (!(data_req_o && state_q == S_RESP));
      // A trapping instruction must not write a register.
      a_trap_write: assert (!(trap && rd_write));
      // A sleeping core must not use its ports or change its state.
      a_sleep_quiet: assert (!sleep_o || !(instr_req_o || data_req_o || retire || trap));
      // An interrupt must not split an instruction that has begun.
      a_irq_boundary: assert (!trap_irq || state_q == S_RUN);
    end
  end
`endif

endmodule
