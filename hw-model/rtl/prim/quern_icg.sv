// SPDX-License-Identifier: Apache-2.0
//
// Integrated clock gate: clk_o follows clk_i in the cycles after whose low phase
// en_i was high. A foundry cell takes its place in silicon.
//
// With QUERN_CLOCKS_RUN it never stops the clock: the same tests with and without
// show that no block misses an edge that it needs.
module quern_icg (
  input  logic clk_i,
  input  logic en_i,
  output logic clk_o
);

`ifdef QUERN_CLOCKS_RUN
  // A clock that always runs has no use for its enable.
  // verilator lint_off UNUSEDSIGNAL
  logic unused;
  assign unused = en_i;
  // verilator lint_on UNUSEDSIGNAL

  assign clk_o = clk_i;
`else
  logic en_q;

  always_latch begin : hold
    if (!clk_i)
      en_q = en_i;
  end

  assign clk_o = clk_i && en_q;
`endif

endmodule
