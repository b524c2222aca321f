// SPDX-License-Identifier: Apache-2.0
//
// Instruction fetch: program counter, sequential prefetch from the tightly
// coupled memory, and alignment of 16- and 32-bit instructions.
//
// The memory answers one cycle after the request and never stalls. Two words
// are held at most (buffered, or arriving in this cycle), which sustains one
// instruction per cycle at any alignment, because no instruction uses up more
// than one word. redirect_i drops what was fetched; the first instruction at
// the target is valid two cycles later (three, if it straddles two words).
//
// consume_i steps to the next sequential instruction; redirect_i overrides it.
// Nothing is clocked while en_i and redirect_i are low. No reset: the core
// redirects to the boot address in its boot cycle.
//
// Rejected: sending a branch target to the memory in the cycle it is computed.
// It saves one cycle per taken branch and puts instruction memory, decoder,
// register file, adder and instruction memory into one path.
module quern_core_fetch (
  input  logic        clk_i,
  input  logic        en_i,

  input  logic        redirect_i,
  input  logic [31:1] target_i,
  input  logic        consume_i,

  output logic        valid_o,
  output logic [31:0] insn_o,        // raw; a compressed instruction is zero-extended
  output logic        compressed_o,
  output logic        fault_o,       // access fault on the instruction
  output logic        fault_high_o,  // ... on its second half only
  output logic [31:0] pc_o,
  output logic [31:0] pc_next_o,     // of the sequentially next instruction

  output logic        instr_req_o,
  output logic [31:0] instr_addr_o,
  input  logic [31:0] instr_rdata_i,
  input  logic        instr_err_i
);

  logic [31:1] pc_q;
  logic [31:2] addr_q;          // next word to request
  logic        live_q;          // a requested word arrives in this cycle
  logic [1:0]  count_q;         // buffered words, 0 to 2
  logic [31:0] word0_q, word1_q;
  logic        err0_q, err1_q;

  logic [31:0] head0, head1;
  logic        head0_err, head1_err;
  logic [1:0]  total, left;
  logic        pop;

  always_comb begin : align
    valid_o      = 1'b0;
    insn_o       = 32'd0;
    compressed_o = 1'b0;
    fault_o      = 1'b0;
    fault_high_o = 1'b0;
    total        = 2'd0;
    head0        = instr_rdata_i;
    head0_err    = instr_err_i;
    head1        = instr_rdata_i;
    head1_err    = instr_err_i;

    if (en_i) begin
      total = count_q + {1'b0, live_q};
      if (count_q != 2'd0) begin
        head0     = word0_q;
        head0_err = err0_q;
      end
      if (count_q[1]) begin
        head1     = word1_q;
        head1_err = err1_q;
      end
      insn_o = pc_q[1] ? {head1[15:0], head0[31:16]} : head0;
      if (insn_o[1:0] != 2'b11) begin
        insn_o       = {16'd0, insn_o[15:0]};
        compressed_o = 1'b1;
      end
      fault_high_o = pc_q[1] && !compressed_o && !head0_err && total[1] && head1_err;
      fault_o      = head0_err || fault_high_o;
      valid_o      = total != 2'd0 && (!pc_q[1] || compressed_o || head0_err || total[1]);
    end
  end

  assign pop  = consume_i && (pc_q[1] || !compressed_o);
  assign left = total - {1'b0, pop};

  assign pc_o         = {pc_q, 1'b0};
  assign pc_next_o    = {pc_q + (compressed_o ? 31'd1 : 31'd2), 1'b0};
  assign instr_req_o  = en_i && !redirect_i && !left[1];
  assign instr_addr_o = {addr_q, 2'b00};

  always_ff @(posedge clk_i) begin : prefetch
    if (redirect_i) begin
      pc_q    <= target_i;
      addr_q  <= target_i[31:2];
      live_q  <= 1'b0;
      count_q <= 2'd0;
    end else if (en_i) begin
      if (consume_i)
        pc_q <= pc_next_o[31:1];
      if (instr_req_o)
        addr_q <= addr_q + 30'd1;
      live_q  <= instr_req_o;
      count_q <= left;
      word0_q <= pop ? head1 : head0;
      err0_q  <= pop ? head1_err : head0_err;
      word1_q <= head1;
      err1_q  <= head1_err;
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // An instruction must not be consumed before it is complete.
    a_consume_valid: assert (!(en_i && consume_i && !redirect_i && !valid_o));
    // The buffer must not hold, or have on its way, more than two words.
    a_capacity: assert (!en_i || total <= 2'd2);
    // A word must not be requested without a place to put it.
    a_room: assert (!instr_req_o || left <= 2'd1);
  end
`endif

endmodule
