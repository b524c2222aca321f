// SPDX-License-Identifier: Apache-2.0
//
// Machine-mode control and status registers, trap entry and return, interrupt
// selection, and the cycle and instruction counters.
//
// A CSR instruction reads and writes in the one cycle in which access_i is
// high; rdata_o is the old value. trap_i, mret_i and access_i exclude each
// other. init_i (the boot cycle) sets every register to its initial value, so
// nothing but the cycle counter is clocked in a sleeping core and nothing at
// all while reset is held.
//
// mip mirrors the three level inputs without a register between; the
// integrator synchronises them. A write to a counter takes the place of that
// cycle's or that instruction's count, a write to mcountinhibit counts from
// the next.
//
// Rejected: mcycle that stops in WFI. Firmware measures time with it.
module quern_core_csr (
  input  logic        clk_i,
  input  logic        init_i,
  input  logic        run_i,          // booted; mcycle counts

  // CSR instruction
  input  logic        decode_i,       // addr_i is a CSR instruction's: rdata_o, illegal_o
  input  logic        access_i,       // ... which is legal and retires in this cycle
  input  logic [2:0]  funct3_i,
  input  logic [11:0] addr_i,
  input  logic [4:0]  rs1_i,          // register number or immediate
  input  logic [31:0] rs1_data_i,
  output logic [31:0] rdata_o,
  output logic        illegal_o,

  // Traps
  input  logic        trap_i,
  input  logic        trap_irq_i,
  input  logic [4:0]  trap_cause_i,   // exception; an interrupt's is chosen here
  input  logic [31:1] trap_pc_i,
  input  logic [31:0] trap_value_i,
  output logic [31:1] trap_target_o,
  input  logic        mret_i,
  output logic [31:1] mepc_o,

  // Interrupts
  input  logic        irq_external_i,
  input  logic        irq_timer_i,
  input  logic        irq_software_i,
  output logic        irq_wake_o,     // pending and enabled in mie
  output logic        irq_take_o,     // ... and in mstatus

  input  logic        retire_i
);

  logic        mie_q, mpie_q;                     // mstatus.MIE, mstatus.MPIE
  logic        en_ext_q, en_tim_q, en_sw_q;       // mie
  logic [31:2] tvec_base_q;
  logic        tvec_vectored_q;
  logic [31:0] mscratch_q, mtval_q;
  logic [31:1] mepc_q;
  logic        cause_irq_q;
  logic [4:0]  cause_q;
  logic        inhibit_cycle_q, inhibit_instret_q;
  logic [63:0] mcycle_q, minstret_q;

  // Interrupt selection: external before software before timer

  logic       pend_ext, pend_tim, pend_sw;
  logic [4:0] irq_cause;

  assign pend_ext   = irq_external_i && en_ext_q;
  assign pend_tim   = irq_timer_i && en_tim_q;
  assign pend_sw    = irq_software_i && en_sw_q;
  assign irq_wake_o = pend_ext || pend_tim || pend_sw;
  assign irq_take_o = irq_wake_o && mie_q;
  assign irq_cause  = pend_ext ? quern_rv_pkg::CAUSE_IRQ_EXTERNAL :
                      pend_sw  ? quern_rv_pkg::CAUSE_IRQ_SOFTWARE :
                                 quern_rv_pkg::CAUSE_IRQ_TIMER;

  assign mepc_o        = mepc_q;
  assign trap_target_o = {tvec_base_q + (trap_irq_i && tvec_vectored_q ? {25'd0, irq_cause}
                                                                       : 30'd0), 1'b0};

  // Read and compute the new value

  logic [31:0] new_value;
  logic        writes;

  always_comb begin : read
    logic known;
    logic [31:0] operand;

    known     = 1'b0;
    operand   = 32'd0;
    rdata_o   = 32'd0;
    new_value = 32'd0;
    illegal_o = 1'b0;
    writes    = 1'b0;

    if (decode_i) begin
      known = 1'b1;
      case (addr_i)
        quern_rv_pkg::CSR_MSTATUS:
          rdata_o = {19'd0, 2'b11, 3'd0, mpie_q, 3'd0, mie_q, 3'd0};
        quern_rv_pkg::CSR_MISA:
          rdata_o = quern_rv_pkg::MISA_VALUE;
        quern_rv_pkg::CSR_MIE:
          rdata_o = {20'd0, en_ext_q, 3'd0, en_tim_q, 3'd0, en_sw_q, 3'd0};
        quern_rv_pkg::CSR_MTVEC:
          rdata_o = {tvec_base_q, 1'b0, tvec_vectored_q};
        quern_rv_pkg::CSR_MCOUNTINHIBIT:
          rdata_o = {29'd0, inhibit_instret_q, 1'b0, inhibit_cycle_q};
        quern_rv_pkg::CSR_MSCRATCH:
          rdata_o = mscratch_q;
        quern_rv_pkg::CSR_MEPC:
          rdata_o = {mepc_q, 1'b0};
        quern_rv_pkg::CSR_MCAUSE:
          rdata_o = {cause_irq_q, 26'd0, cause_q};
        quern_rv_pkg::CSR_MTVAL:
          rdata_o = mtval_q;
        quern_rv_pkg::CSR_MIP:
          rdata_o = {20'd0, irq_external_i, 3'd0, irq_timer_i, 3'd0, irq_software_i, 3'd0};
        quern_rv_pkg::CSR_MCYCLE:
          rdata_o = mcycle_q[31:0];
        quern_rv_pkg::CSR_MCYCLEH:
          rdata_o = mcycle_q[63:32];
        quern_rv_pkg::CSR_MINSTRET:
          rdata_o = minstret_q[31:0];
        quern_rv_pkg::CSR_MINSTRETH:
          rdata_o = minstret_q[63:32];
        quern_rv_pkg::CSR_MIMPID:
          rdata_o = quern_rv_pkg::MIMPID_VALUE;
        quern_rv_pkg::CSR_MSTATUSH, quern_rv_pkg::CSR_MVENDORID, quern_rv_pkg::CSR_MARCHID,
        quern_rv_pkg::CSR_MHARTID, quern_rv_pkg::CSR_MCONFIGPTR:
          rdata_o = 32'd0;
        default:
          known = addr_i[4:0] >= 5'd3 && (addr_i[11:5] == quern_rv_pkg::CSR_HPM_EVENT ||
                                          addr_i[11:5] == quern_rv_pkg::CSR_HPM_COUNT ||
                                          addr_i[11:5] == quern_rv_pkg::CSR_HPM_COUNTH);
      endcase
      operand = funct3_i[2] ? {27'd0, rs1_i} : rs1_data_i;
      writes  = funct3_i[1:0] == 2'b01 || rs1_i != 5'd0;
      case (funct3_i[1:0])
        2'b01:   new_value = operand;
        2'b10:   new_value = rdata_o | operand;
        default: new_value = rdata_o & ~operand;
      endcase
      illegal_o = !known || (writes && addr_i[11:10] == 2'b11);
    end
  end

  // Registers written by traps and CSR instructions

  logic write;
  assign write = access_i && writes;

  always_ff @(posedge clk_i) begin : registers
    if (init_i) begin
      mie_q             <= 1'b0;
      mpie_q            <= 1'b0;
      en_ext_q          <= 1'b0;
      en_tim_q          <= 1'b0;
      en_sw_q           <= 1'b0;
      tvec_base_q       <= 30'd0;
      tvec_vectored_q   <= 1'b0;
      mscratch_q        <= 32'd0;
      mepc_q            <= 31'd0;
      cause_irq_q       <= 1'b0;
      cause_q           <= 5'd0;
      mtval_q           <= 32'd0;
      inhibit_cycle_q   <= 1'b0;
      inhibit_instret_q <= 1'b0;
    end else if (trap_i) begin
      mie_q       <= 1'b0;
      mpie_q      <= mie_q;
      mepc_q      <= trap_pc_i;
      cause_irq_q <= trap_irq_i;
      cause_q     <= trap_irq_i ? irq_cause : trap_cause_i;
      mtval_q     <= trap_value_i;
    end else if (mret_i) begin
      mie_q  <= mpie_q;
      mpie_q <= 1'b1;
    end else if (write) begin
      case (addr_i)
        quern_rv_pkg::CSR_MSTATUS: begin
          mie_q  <= new_value[3];
          mpie_q <= new_value[7];
        end
        quern_rv_pkg::CSR_MIE: begin
          en_sw_q  <= new_value[3];
          en_tim_q <= new_value[7];
          en_ext_q <= new_value[11];
        end
        quern_rv_pkg::CSR_MTVEC: begin
          tvec_base_q     <= new_value[31:2];
          tvec_vectored_q <= new_value[0];
        end
        quern_rv_pkg::CSR_MCOUNTINHIBIT: begin
          inhibit_cycle_q   <= new_value[0];
          inhibit_instret_q <= new_value[2];
        end
        quern_rv_pkg::CSR_MSCRATCH: mscratch_q <= new_value;
        quern_rv_pkg::CSR_MEPC:     mepc_q     <= new_value[31:1];
        quern_rv_pkg::CSR_MCAUSE: begin
          cause_irq_q <= new_value[31];
          cause_q     <= new_value[4:0];
        end
        quern_rv_pkg::CSR_MTVAL: mtval_q <= new_value;
        default: ;
      endcase
    end
  end

  // Counters

  always_ff @(posedge clk_i) begin : counters
    if (init_i) begin
      mcycle_q   <= 64'd0;
      minstret_q <= 64'd0;
    end else begin
      if (write && addr_i == quern_rv_pkg::CSR_MCYCLE)
        mcycle_q <= {mcycle_q[63:32], new_value};
      else if (write && addr_i == quern_rv_pkg::CSR_MCYCLEH)
        mcycle_q <= {new_value, mcycle_q[31:0]};
      else if (run_i && !inhibit_cycle_q)
        mcycle_q <= mcycle_q + 64'd1;

      if (write && addr_i == quern_rv_pkg::CSR_MINSTRET)
        minstret_q <= {minstret_q[63:32], new_value};
      else if (write && addr_i == quern_rv_pkg::CSR_MINSTRETH)
        minstret_q <= {new_value, minstret_q[31:0]};
      else if (retire_i && !inhibit_instret_q)
        minstret_q <= minstret_q + 64'd1;
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // Trap entry, return and CSR access must not coincide.
    a_exclusive: assert (32'(trap_i) + 32'(mret_i) + 32'(access_i) <= 32'd1);
    // A trapping instruction must not retire.
    a_trap_retire: assert (!(trap_i && retire_i));
    // An interrupt must not be taken while it is masked.
    a_irq_masked: assert (!(trap_i && trap_irq_i) || irq_take_o);
    // A CSR that does not exist, or is read-only, must not be written.
    a_illegal_write: assert (!(access_i && illegal_o));
  end
`endif

endmodule
