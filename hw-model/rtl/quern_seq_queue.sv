// SPDX-License-Identifier: Apache-2.0
//
// What the sequencer keeps for one engine: the queue of dispatched commands, and
// the list of those that the engine has accepted, with the tokens they will give.
//
// The head of the queue asks for its tokens (ask_o, wait_o). In the cycle of
// grant_i, or in any later one, it goes to the engine by valid/ready. done_i takes
// the oldest accepted command off the list; signal_o and done_index_o belong to it.
//
// A command dispatched into an empty queue is at the head two cycles later. An
// engine must not report it done earlier than two cycles after it was accepted.
module quern_seq_queue (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,

  input  logic         push_i,
  input  logic [511:0] cmd_i,
  input  logic [23:0]  index_i,
  output logic         full_o,

  output logic         ask_o,
  output logic [31:0]  wait_o,
  output logic         head_o,         // the head is known
  output logic [23:0]  head_index_o,
  input  logic         grant_i,
  output logic         empty_o,        // nothing is queued
  output logic         held_o,         // the engine has accepted something and not done it

  output logic         cmd_valid_o,
  output logic [511:0] cmd_o,
  output logic         accept_o,       // a command is accepted in this cycle
  input  logic         cmd_ready_i,

  input  logic         done_i,
  output logic [31:0]  signal_o,
  output logic [23:0]  done_index_o
);

  localparam int unsigned DEPTH = 8;
  localparam int unsigned HELD = 16;   // accepted by the engine, at most

  logic       head, granted_q, issue, retire;
  logic [4:0] held_q;
  logic       done_valid;

  quern_fifo #(.WIDTH(24 + 512), .DEPTH(DEPTH)) u_queue (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_i,
    .wdata_i({index_i, cmd_i}),
    .full_o,
    .pop_i  (issue),
    .valid_o(head),
    .rdata_o({head_index_o, cmd_o}),
    .empty_o
  );

  assign wait_o      = cmd_o[63:32];
  assign head_o      = head;
  assign ask_o       = head && !granted_q && !clear_i;
  assign cmd_valid_o = head && (granted_q || grant_i) && held_q != 5'(HELD) && !clear_i;
  assign issue       = cmd_valid_o && cmd_ready_i;
  assign retire      = done_i && !clear_i;
  assign held_o      = held_q != 0;
  assign accept_o = issue;

  quern_fifo #(.WIDTH(24 + 32), .DEPTH(HELD)) u_held (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_i (issue),
    .wdata_i({head_index_o, cmd_o[95:64]}),
    // HELD commands are counted in held_q before they are handed over.
    // verilator lint_off PINCONNECTEMPTY
    .full_o (),
    // verilator lint_on PINCONNECTEMPTY
    .pop_i  (retire),
    .valid_o(done_valid),
    .rdata_o({done_index_o, signal_o}),
    // valid_o says it.
    // verilator lint_off PINCONNECTEMPTY
    .empty_o()
    // verilator lint_on PINCONNECTEMPTY
  );

  always_ff @(posedge clk_i) begin : state
    if (!rst_ni || clear_i) begin
      granted_q <= 1'b0;
      held_q    <= '0;
    end else if (grant_i || issue || retire) begin
      granted_q <= (granted_q || grant_i) && !issue;
      held_q    <= held_q + 5'(issue) - 5'(retire);
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // An engine must not complete what it was not given, nor faster than the list can follow.
    a_done: assert (!rst_ni || !(retire && !done_valid));
    // Tokens must not be granted without a head that asks.
    a_grant: assert (!rst_ni || clear_i || !(grant_i && !ask_o));
  end
`endif

endmodule
