// SPDX-License-Identifier: Apache-2.0
//
// Integer register file x1 to x31: two combinational read ports (zero while
// en_i is low), one write port. x0 reads as zero and is never written.
//
// The registers are not reset: start-up code initialises them, and without a
// reset an implementation may use a latch array or a memory macro.
module quern_core_regs (
  input  logic        clk_i,
  input  logic        en_i,
  input  logic [4:0]  raddr_a_i,
  output logic [31:0] rdata_a_o,
  input  logic [4:0]  raddr_b_i,
  output logic [31:0] rdata_b_o,
  input  logic        we_i,
  input  logic [4:0]  waddr_i,
  input  logic [31:0] wdata_i
);

  logic [31:0] regs_q [0:31];

  always_comb begin : read
    rdata_a_o = 32'd0;
    rdata_b_o = 32'd0;
    if (en_i) begin
      if (raddr_a_i != 5'd0)
        rdata_a_o = regs_q[raddr_a_i];
      if (raddr_b_i != 5'd0)
        rdata_b_o = regs_q[raddr_b_i];
    end
  end

  always_ff @(posedge clk_i) begin : write
    if (we_i)
      regs_q[waddr_i] <= wdata_i;
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // x0 must not be written.
    a_x0: assert (!we_i || waddr_i != 5'd0);
  end
`endif

endmodule
