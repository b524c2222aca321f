// SPDX-License-Identifier: Apache-2.0
//
// Chip reset on the host's request. From the cycle after reset_i the chip is in
// reset and the bus drains; when the bus has been idle for a cycle the chip
// leaves reset. rst_no is the chip's reset, at power-up too; busy_o is high until
// it ends.
//
// The bus is not reset with the rest: it owes the host the end of bursts that it
// has begun, and must take what it has asked for.
module quern_reset (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic reset_i,
  input  logic bus_idle_i,
  output logic busy_o,
  output logic rst_no
);

  assign rst_no = rst_ni && !busy_o;

  logic settled_q;      // reset has lasted for a cycle

  always_ff @(posedge clk_i) begin : sequence_reset
    if (!rst_ni) begin
      busy_o    <= 1'b0;
      settled_q <= 1'b0;
    end else if (busy_o || reset_i) begin
      settled_q <= busy_o;
      busy_o    <= !(settled_q && bus_idle_i);
      if (settled_q && bus_idle_i)
        settled_q <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  logic busy_last_q;

  always_ff @(posedge clk_i) begin : assertions
    busy_last_q <= busy_o;
    if (rst_ni) begin
      // The reset must not end while the bus owes or is owed anything.
      a_drained: assert (busy_o || !busy_last_q || bus_idle_i);
    end
  end
`endif

endmodule
