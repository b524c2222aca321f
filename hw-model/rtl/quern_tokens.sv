// SPDX-License-Identifier: Apache-2.0
//
// The 32 tokens, counted twice.
//
// As dispatched, in stream order: bad_o says that the command with wait_i and
// signal_i would wait for a token that is zero or raise one beyond TOKEN_MAX;
// dispatch_i counts it.
// As executed: avail_o has the tokens above zero; take_i takes those of take_mask_i,
// give_i (one bit an engine) gives those of the masks in give_mask_i. The executed
// count may exceed the dispatched one by what waits in the queues, hence 9 bits.
//
// shared_o: tokens that commands of more than one engine have waited for since
// clear_i. Two engines could take such a token in an order that is not the
// stream's, and then wait for each other; the sequencer gives it out in stream
// order only. Tokens with one waiting engine need no such care.
//
// clear_i zeroes everything, in one cycle.
module quern_tokens (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,

  input  logic [31:0]  wait_i,
  input  logic [31:0]  signal_i,
  output logic         bad_o,
  input  logic         dispatch_i,
  input  logic [1:0]   engine_i,      // that will wait

  output logic [31:0]  avail_o,
  output logic [31:0]  shared_o,
  input  logic         take_i,
  input  logic [31:0]  take_mask_i,
  input  logic [3:0]   give_i,
  input  logic [127:0] give_mask_i
);

  logic [7:0]  plan_q [0:31];
  logic [8:0]  count_q [0:31];
  logic [31:0] plan_some_q, plan_max_q, avail_q;
  logic [31:0] user0_q, user1_q, user2_q, user3_q;   // tokens that an engine has waited for

  assign bad_o    = (wait_i & ~plan_some_q) != 0 || (signal_i & plan_max_q & ~wait_i) != 0;
  assign avail_o  = avail_q;
  assign shared_o = (user0_q & (user1_q | user2_q | user3_q)) | (user1_q & (user2_q | user3_q)) | (user2_q & user3_q);

  // plan_q and count_q belong to their blocks alone; blocking assignments let the masks see the new values.
  // verilator lint_off BLKSEQ
  always_ff @(posedge clk_i) begin : planned
    int unsigned i;
    i = 0;
    if (!rst_ni || clear_i) begin
      for (i = 0; i < 32; i = i + 1)
        plan_q[i] = 8'd0;
      plan_some_q <= '0;
      plan_max_q  <= '0;
      user0_q     <= '0;
      user1_q     <= '0;
      user2_q     <= '0;
      user3_q     <= '0;
    end else if (dispatch_i) begin
      for (i = 0; i < 32; i = i + 1) begin
        plan_q[i]      = plan_q[i] + 8'(signal_i[i]) - 8'(wait_i[i]);
        plan_some_q[i] <= plan_q[i] != 8'd0;
        plan_max_q[i]  <= plan_q[i] == 8'(quern_pkg::TOKEN_MAX);
      end
      case (engine_i)
        2'd0:    user0_q <= user0_q | wait_i;
        2'd1:    user1_q <= user1_q | wait_i;
        2'd2:    user2_q <= user2_q | wait_i;
        default: user3_q <= user3_q | wait_i;
      endcase
    end
  end

  logic [31:0] give0, give1, give2, give3, take;
  assign give0 = give_i[0] ? give_mask_i[31:0] : '0;
  assign give1 = give_i[1] ? give_mask_i[63:32] : '0;
  assign give2 = give_i[2] ? give_mask_i[95:64] : '0;
  assign give3 = give_i[3] ? give_mask_i[127:96] : '0;
  assign take  = take_i ? take_mask_i : '0;

  always_ff @(posedge clk_i) begin : executed
    int unsigned i;
    i = 0;
    if (!rst_ni || clear_i) begin
      for (i = 0; i < 32; i = i + 1)
        count_q[i] = 9'd0;
      avail_q <= '0;
    end else if ((give0 | give1 | give2 | give3 | take) != 0) begin
      for (i = 0; i < 32; i = i + 1) begin
        count_q[i] = count_q[i] + 9'(give0[i]) + 9'(give1[i]) + 9'(give2[i]) + 9'(give3[i]) - 9'(take[i]);
        avail_q[i] <= count_q[i] != 9'd0;
      end
    end
  end
  // verilator lint_on BLKSEQ

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // A token must not be taken that is not there.
    a_take: assert (!rst_ni || clear_i || (take & ~avail_q) == 0);
    // A command must not be counted that would break the count.
    a_dispatch: assert (!rst_ni || clear_i || !(dispatch_i && bad_o));
  end
`endif

endmodule
