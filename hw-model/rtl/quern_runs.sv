// SPDX-License-Identifier: Apache-2.0
//
// Address generator of the DMA engines: walks the three loops of a LOAD, STORE
// or FILL command and names one run (a contiguous piece) after the other.
//
// load_i takes the command; valid_o is high from the next cycle until the last
// run has been taken with next_i. One run a cycle. Scratchpad addresses wrap at
// 2^24, host addresses at 2^40. clear_i drops the command.
//
// The start of each enclosing loop is kept, so that a step of any loop is one
// addition; multiplying the indices by the strides would need six multipliers.
module quern_runs (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,

  input  logic         load_i,
  input  logic [511:0] cmd_i,        // layout of LOAD; FILL and STORE have the same places
  input  logic [39:0]  host_base_i,  // region base plus offset

  input  logic         next_i,
  output logic         valid_o,
  output logic [23:0]  spm_o,
  output logic [39:0]  host_o,
  output logic         last_o        // the run is the command's last
);

  logic [23:0] spm_s1_q, spm_s2_q, spm_s3_q, spm_q, spm_mid_q, spm_out_q;
  logic [39:0] host_s1_q, host_s2_q, host_s3_q, host_q, host_mid_q, host_out_q;
  logic [15:0] n1_q, n2_q, left1_q, left2_q, left3_q;   // left: steps to go
  logic        valid_q;

  assign valid_o  = valid_q;
  assign spm_o    = spm_q;
  assign host_o   = host_q;
  assign last_o   = left1_q == 0 && left2_q == 0 && left3_q == 0;

  // Only the fields that the loops need are looked at.
  // verilator lint_off UNUSEDSIGNAL
  quern_pkg::cmd_load_t cmd;
  // verilator lint_on UNUSEDSIGNAL
  assign cmd = cmd_i;

  always_ff @(posedge clk_i) begin : walk
    if (!rst_ni || clear_i) begin
      valid_q <= 1'b0;
    end else if (load_i) begin
      valid_q    <= 1'b1;
      spm_q      <= cmd.spm_base;
      spm_mid_q  <= cmd.spm_base;
      spm_out_q  <= cmd.spm_base;
      host_q     <= host_base_i;
      host_mid_q <= host_base_i;
      host_out_q <= host_base_i;
      spm_s1_q   <= cmd.spm_s1;
      spm_s2_q   <= cmd.spm_s2;
      spm_s3_q   <= cmd.spm_s3;
      host_s1_q  <= {{8{cmd.host_s1[31]}}, cmd.host_s1};
      host_s2_q  <= {{8{cmd.host_s2[31]}}, cmd.host_s2};
      host_s3_q  <= {{8{cmd.host_s3[31]}}, cmd.host_s3};
      n1_q       <= cmd.n1 - 16'd1;
      n2_q       <= cmd.n2 - 16'd1;
      left1_q    <= cmd.n1 - 16'd1;
      left2_q    <= cmd.n2 - 16'd1;
      left3_q    <= cmd.n3 - 16'd1;
    end else if (next_i) begin
      if (left1_q != 0) begin
        left1_q <= left1_q - 16'd1;
        spm_q   <= spm_q + spm_s1_q;
        host_q  <= host_q + host_s1_q;
      end else if (left2_q != 0) begin
        left1_q    <= n1_q;
        left2_q    <= left2_q - 16'd1;
        spm_q      <= spm_mid_q + spm_s2_q;
        spm_mid_q  <= spm_mid_q + spm_s2_q;
        host_q     <= host_mid_q + host_s2_q;
        host_mid_q <= host_mid_q + host_s2_q;
      end else if (left3_q != 0) begin
        left1_q    <= n1_q;
        left2_q    <= n2_q;
        left3_q    <= left3_q - 16'd1;
        spm_q      <= spm_out_q + spm_s3_q;
        spm_mid_q  <= spm_out_q + spm_s3_q;
        spm_out_q  <= spm_out_q + spm_s3_q;
        host_q     <= host_out_q + host_s3_q;
        host_mid_q <= host_out_q + host_s3_q;
        host_out_q <= host_out_q + host_s3_q;
      end else begin
        valid_q <= 1'b0;
      end
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // A command must not be loaded over one that still has runs, unless its last is taken.
    a_load_free: assert (!rst_ni || clear_i || !(load_i && valid_q && !(next_i && last_o)));
    // A run must not be taken when there is none.
    a_next_valid: assert (!rst_ni || clear_i || !(next_i && !valid_q));
  end
`endif

endmodule
