// SPDX-License-Identifier: Apache-2.0
//
// Integrated clock gate: clk_o follows clk_i in the cycles after whose low phase
// en_i was high. A foundry cell takes its place in silicon.
module quern_icg (
  input  logic clk_i,
  input  logic en_i,
  output logic clk_o
);

  logic en_q;

  always_latch begin : hold
    if (!clk_i)
      en_q = en_i;
  end

  assign clk_o = clk_i && en_q;

endmodule
