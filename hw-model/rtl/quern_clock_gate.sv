// SPDX-License-Identifier: Apache-2.0
//
// Clock of a block that is not always needed. clk_o runs in reset, in every cycle
// with wake_i high, and for HOLD cycles after, in which the block's pulses and
// pipelines come to rest. wake_i must cover everything that the block would react
// to, in the cycle in which it comes: then the block never knows.
//
// Simulation gains as silicon does: logic without a clock edge is not evaluated,
// which is why the count of the hold runs on the gated clock too.
module quern_clock_gate #(
  parameter int unsigned HOLD = 7
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic wake_i,
  output logic clk_o
);

  localparam int unsigned COUNT_W = $clog2(HOLD + 1);

  logic [COUNT_W-1:0] count_q;
  logic               awake;

  assign awake = wake_i || !rst_ni || count_q != '0;

  always_ff @(posedge clk_o) begin : hold
    if (wake_i || !rst_ni)
      count_q <= COUNT_W'(HOLD);
    else if (count_q != '0)
      count_q <= count_q - 1'b1;
  end

  quern_icg i_icg (
    .clk_i,
    .en_i  (awake),
    .clk_o
  );

endmodule
