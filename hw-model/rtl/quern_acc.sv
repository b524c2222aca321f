// SPDX-License-Identifier: Apache-2.0
//
// Accumulators: two banks of ACC_ENTRIES entries, N int32 each, one read and one
// write port a bank. An address is {bank, entry}.
//
// The matrix engine (mx_*) reads and writes whenever it wants. The vector engine
// (vx_*) reads; it is granted in the same cycle unless the matrix engine reads
// that bank. Read data is valid in the cycle after the request, on the port of
// the bank: both engines look at the same two ports, and pick by the bank they
// asked, which spares two wide multiplexers.
//
// A read in the cycle of a write to the same entry returns the old value: the
// matrix engine keeps a distance (quern_matrix), the vector engine's reads are
// ordered by tokens. A pulse on scrub_i zeroes one entry of each bank a cycle;
// scrub_busy_o is high from the next cycle until it has finished, and no engine
// may be at work meanwhile.
module quern_acc #(
  parameter int unsigned N = 16
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              scrub_i,
  output logic              scrub_busy_o,

  input  logic              mx_re_i,
  input  logic [9:0]        mx_raddr_i,
  input  logic              mx_we_i,
  input  logic [9:0]        mx_waddr_i,
  input  logic [N*32-1:0]   mx_wdata_i,

  input  logic              vx_req_i,
  input  logic [9:0]        vx_addr_i,
  output logic              vx_gnt_o,

  output logic [N*32-1:0]   rdata0_o,
  output logic [N*32-1:0]   rdata1_o
);

  localparam int unsigned ENTRIES = quern_pkg::ACC_ENTRIES;
  localparam int unsigned ADDR_W  = $clog2(ENTRIES);

  logic              scrub_q;
  logic [ADDR_W-1:0] scrub_addr_q;

  assign scrub_busy_o = scrub_q;

  always_ff @(posedge clk_i) begin : scrub
    if (scrub_i || scrub_q) begin
      scrub_addr_q <= scrub_q ? scrub_addr_q + 1'b1 : '0;
      scrub_q      <= !(scrub_q && scrub_addr_q == ADDR_W'(ENTRIES - 1));
    end
    if (!rst_ni)
      scrub_q <= 1'b0;
  end

  logic              re0, re1, we0, we1;
  logic [ADDR_W-1:0] raddr0, raddr1, waddr;

  always_comb begin : reads
    vx_gnt_o = 1'b0;
    re0      = 1'b0;
    re1      = 1'b0;
    raddr0   = '0;
    raddr1   = '0;
    if (vx_req_i || mx_re_i) begin
      vx_gnt_o = vx_req_i && !scrub_q && !(mx_re_i && mx_raddr_i[ADDR_W] == vx_addr_i[ADDR_W]);
      re0      = (mx_re_i && !mx_raddr_i[ADDR_W]) || (vx_gnt_o && !vx_addr_i[ADDR_W]);
      re1      = (mx_re_i &&  mx_raddr_i[ADDR_W]) || (vx_gnt_o &&  vx_addr_i[ADDR_W]);
      raddr0   = (mx_re_i && !mx_raddr_i[ADDR_W]) ? mx_raddr_i[ADDR_W-1:0] : vx_addr_i[ADDR_W-1:0];
      raddr1   = (mx_re_i &&  mx_raddr_i[ADDR_W]) ? mx_raddr_i[ADDR_W-1:0] : vx_addr_i[ADDR_W-1:0];
    end
  end

  always_comb begin : writes
    we0   = 1'b0;
    we1   = 1'b0;
    waddr = '0;
    if (mx_we_i || scrub_q) begin
      we0   = scrub_q || !mx_waddr_i[ADDR_W];
      we1   = scrub_q ||  mx_waddr_i[ADDR_W];
      waddr = scrub_q ? scrub_addr_q : mx_waddr_i[ADDR_W-1:0];
    end
  end

  // The matrix engine's sum register is zero while it scrubs: see quern_mac.
  quern_sram_1r1w #(.WIDTH(N * 32), .DEPTH(ENTRIES)) i_bank0 (
    .clk_i, .re_i(re0), .raddr_i(raddr0), .rdata_o(rdata0_o),
    .we_i(we0), .waddr_i(waddr), .wdata_i(mx_wdata_i));
  quern_sram_1r1w #(.WIDTH(N * 32), .DEPTH(ENTRIES)) i_bank1 (
    .clk_i, .re_i(re1), .raddr_i(raddr1), .rdata_o(rdata1_o),
    .we_i(we1), .waddr_i(waddr), .wdata_i(mx_wdata_i));

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : check
    // the engines must not touch the accumulators while they are scrubbed
    if (rst_ni)
      a_scrub_quiet : assert (!(scrub_q && (mx_re_i || mx_we_i)));
    // scrubbing must not write anything but zero
    if (rst_ni)
      a_scrub_zero : assert (!(scrub_q && mx_wdata_i != '0));
  end
`endif

endmodule
