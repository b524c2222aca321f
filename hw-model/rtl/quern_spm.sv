// SPDX-License-Identifier: Apache-2.0
//
// Scratchpad: 16 banks of single-port SRAM, one vector of N bytes wide, behind
// seven ports. Addresses are vector indices; the IFM port takes a byte address,
// reads the two neighbouring vectors and rotates. A port asks with req and
// address, sees gnt in the same cycle, and has read data in the next cycle only.
// Fixed priority in port order; a port that is not granted repeats its request.
//
// The bank of a vector folds its upper index bits, so that neighbours never
// share a bank and the strides of feature maps spread over all of them. An IFM
// read with aligned address takes only one bank.
//
// A pulse on scrub_i zeroes one row of every bank a cycle, while no port is
// granted; scrub_busy_o is high from the next cycle until it has finished.
//
// Requesters check bounds: an address at or above SPM_BYTES must not arrive.
// SPM_BYTES is a power of two, at least 32 * N.
//
// Rejected: one wide multi-ported memory (does not map to macros); a crossbar
// with queues per bank (a stalled engine retries at no cost, and reordering
// between ports would have to be undone).
module quern_spm #(
  parameter int unsigned N = 16,
  parameter int unsigned SPM_BYTES = 524288
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,

  input  logic                           ifm_req_i,
  input  logic [$clog2(SPM_BYTES)-1:0]   ifm_addr_i,   // bytes, any alignment
  output logic                           ifm_gnt_o,
  output logic [8*N-1:0]                 ifm_rdata_o,

  input  logic                           w_req_i,
  input  logic [$clog2(SPM_BYTES/N)-1:0] w_addr_i,
  output logic                           w_gnt_o,
  output logic [8*N-1:0]                 w_rdata_o,

  input  logic                           va_req_i,
  input  logic [$clog2(SPM_BYTES/N)-1:0] va_addr_i,
  output logic                           va_gnt_o,
  output logic [8*N-1:0]                 va_rdata_o,

  input  logic                           vb_req_i,
  input  logic [$clog2(SPM_BYTES/N)-1:0] vb_addr_i,
  output logic                           vb_gnt_o,
  output logic [8*N-1:0]                 vb_rdata_o,

  input  logic                           vw_req_i,
  input  logic [$clog2(SPM_BYTES/N)-1:0] vw_addr_i,
  input  logic [8*N-1:0]                 vw_wdata_i,
  output logic                           vw_gnt_o,

  input  logic                           lw_req_i,
  input  logic [$clog2(SPM_BYTES/N)-1:0] lw_addr_i,
  input  logic [8*N-1:0]                 lw_wdata_i,
  input  logic [N-1:0]                   lw_be_i,
  output logic                           lw_gnt_o,

  input  logic                           sr_req_i,
  input  logic [$clog2(SPM_BYTES/N)-1:0] sr_addr_i,
  output logic                           sr_gnt_o,
  output logic [8*N-1:0]                 sr_rdata_o,

  input  logic                           scrub_i,
  output logic                           scrub_busy_o,
  output logic [2:0]                     ev_conflicts_o   // requests not granted in this cycle
);

  localparam int unsigned LANE_W = $clog2(N);
  localparam int unsigned VEC_W = $clog2(SPM_BYTES / N);
  localparam int unsigned ROWS = SPM_BYTES / (16 * N);
  localparam int unsigned ROW_W = VEC_W - 4;

  // {row, bank} of a vector; missing high bits of the index are zero.
  function automatic logic [VEC_W-1:0] index_of(input logic [VEC_W-1:0] vec);
    logic [15:0] w;
    w = 16'(vec);
    index_of = {vec[VEC_W-1:4], w[3:1] ^ w[6:4] ^ w[9:7] ^ w[12:10] ^ w[15:13], w[0]};
  endfunction

  logic              scrub_q;
  logic [ROW_W-1:0]  scrub_row_q;

  logic [VEC_W-1:0]  ifm_idx, ifm_idx_hi, w_idx, va_idx, vb_idx, vw_idx, lw_idx, sr_idx;
  logic [LANE_W-1:0] ifm_lane;
  logic              any_req, ifm_hi_en;

  assign ifm_lane  = ifm_addr_i[LANE_W-1:0];
  assign ifm_hi_en = ifm_gnt_o && ifm_lane != 0;
  assign any_req   = ifm_req_i || w_req_i || va_req_i || vb_req_i || vw_req_i || lw_req_i || sr_req_i;

  // Each port looks at the banks that the ports before it have taken.
  always_comb begin : arbitrate
    logic [15:0] busy;   // one bit a bank
    busy           = {16{scrub_q}};
    ifm_gnt_o      = 1'b0;
    w_gnt_o        = 1'b0;
    va_gnt_o       = 1'b0;
    vb_gnt_o       = 1'b0;
    vw_gnt_o       = 1'b0;
    lw_gnt_o       = 1'b0;
    sr_gnt_o       = 1'b0;
    ifm_idx        = '0;
    ifm_idx_hi     = '0;
    w_idx          = '0;
    va_idx         = '0;
    vb_idx         = '0;
    vw_idx         = '0;
    lw_idx         = '0;
    sr_idx         = '0;
    ev_conflicts_o = '0;

    if (any_req) begin
      if (ifm_req_i) begin
        ifm_idx    = index_of(ifm_addr_i[LANE_W +: VEC_W]);
        ifm_idx_hi = index_of(ifm_addr_i[LANE_W +: VEC_W] + 1'b1);
        ifm_gnt_o  = !scrub_q;
        busy       = busy | (16'd1 << ifm_idx[3:0]) | (16'(ifm_lane != 0) << ifm_idx_hi[3:0]);
      end
      if (w_req_i) begin
        w_idx   = index_of(w_addr_i);
        w_gnt_o = !busy[w_idx[3:0]];
        busy    = busy | (16'd1 << w_idx[3:0]);
      end
      if (va_req_i) begin
        va_idx   = index_of(va_addr_i);
        va_gnt_o = !busy[va_idx[3:0]];
        busy     = busy | (16'd1 << va_idx[3:0]);
      end
      if (vb_req_i) begin
        vb_idx   = index_of(vb_addr_i);
        vb_gnt_o = !busy[vb_idx[3:0]];
        busy     = busy | (16'd1 << vb_idx[3:0]);
      end
      if (vw_req_i) begin
        vw_idx   = index_of(vw_addr_i);
        vw_gnt_o = !busy[vw_idx[3:0]];
        busy     = busy | (16'd1 << vw_idx[3:0]);
      end
      if (lw_req_i) begin
        lw_idx   = index_of(lw_addr_i);
        lw_gnt_o = !busy[lw_idx[3:0]];
        busy     = busy | (16'd1 << lw_idx[3:0]);
      end
      if (sr_req_i) begin
        sr_idx   = index_of(sr_addr_i);
        sr_gnt_o = !busy[sr_idx[3:0]];
      end
      ev_conflicts_o = 3'(ifm_req_i != ifm_gnt_o) + 3'(w_req_i != w_gnt_o) + 3'(va_req_i != va_gnt_o) +
                       3'(vb_req_i != vb_gnt_o) + 3'(vw_req_i != vw_gnt_o) + 3'(lw_req_i != lw_gnt_o) +
                       3'(sr_req_i != sr_gnt_o);
    end
  end

  logic [8*N-1:0]    ifm_lo, ifm_hi;
  logic              ifm_live_q;
  logic [LANE_W-1:0] ifm_lane_q;

  quern_spm_banks #(.WIDTH(8 * N), .ROWS(ROWS)) u_banks (
    .clk_i,
    .r0_en_i    (ifm_gnt_o),
    .r0_idx_i   (ifm_idx),
    .r0_data_o  (ifm_lo),
    .r1_en_i    (ifm_hi_en),
    .r1_idx_i   (ifm_idx_hi),
    .r1_data_o  (ifm_hi),
    .r2_en_i    (w_gnt_o),
    .r2_idx_i   (w_idx),
    .r2_data_o  (w_rdata_o),
    .r3_en_i    (va_gnt_o),
    .r3_idx_i   (va_idx),
    .r3_data_o  (va_rdata_o),
    .r4_en_i    (vb_gnt_o),
    .r4_idx_i   (vb_idx),
    .r4_data_o  (vb_rdata_o),
    .r5_en_i    (sr_gnt_o),
    .r5_idx_i   (sr_idx),
    .r5_data_o  (sr_rdata_o),
    .w0_en_i    (vw_gnt_o),
    .w0_idx_i   (vw_idx),
    .w0_data_i  (vw_wdata_i),
    .w1_en_i    (lw_gnt_o),
    .w1_idx_i   (lw_idx),
    .w1_data_i  (lw_wdata_i),
    .w1_be_i    (lw_be_i),
    .scrub_i    (scrub_q),
    .scrub_row_i(scrub_row_q)
  );

  always_ff @(posedge clk_i) begin : ifm_state
    if (!rst_ni)
      ifm_live_q <= 1'b0;
    else if (ifm_gnt_o || ifm_live_q) begin
      ifm_live_q <= ifm_gnt_o;
      ifm_lane_q <= ifm_lane;
    end
  end

  always_comb begin : rotate
    ifm_rdata_o = ifm_lo;
    if (ifm_live_q && ifm_lane_q != 0)
      ifm_rdata_o = (ifm_lo >> {ifm_lane_q, 3'd0}) | (ifm_hi << {LANE_W'(N - 32'(ifm_lane_q)), 3'd0});
  end

  always_ff @(posedge clk_i) begin : scrub
    if (!rst_ni) begin
      scrub_q <= 1'b0;
    end else if (scrub_i && !scrub_q) begin
      scrub_q     <= 1'b1;
      scrub_row_q <= '0;
    end else if (scrub_q) begin
      scrub_row_q <= scrub_row_q + 1'b1;
      if (scrub_row_q == ROW_W'(ROWS - 1))
        scrub_q <= 1'b0;
    end
  end
  assign scrub_busy_o = scrub_q;

`ifndef SYNTHESIS
  logic [15:0] ports_of_bank;

  // What the granted ports take, added up modulo 2 by bank; a second port on a bank clears its bit.
  always_comb begin : collisions
    ports_of_bank = (16'(ifm_gnt_o) << ifm_idx[3:0]) ^ (16'(ifm_hi_en) << ifm_idx_hi[3:0]) ^ (16'(w_gnt_o) << w_idx[3:0]) ^
                    (16'(va_gnt_o) << va_idx[3:0]) ^ (16'(vb_gnt_o) << vb_idx[3:0]) ^ (16'(vw_gnt_o) << vw_idx[3:0]) ^
                    (16'(lw_gnt_o) << lw_idx[3:0]) ^ (16'(sr_gnt_o) << sr_idx[3:0]);
  end

  always_ff @(posedge clk_i) begin : assertions
    // An unaligned read must not run past the last vector.
    a_ifm_bounds: assert (!(ifm_hi_en && ifm_addr_i[LANE_W +: VEC_W] == '1));
    // No two ports must win the same bank.
    a_one_winner: assert ($countones(ports_of_bank) == 32'(ifm_gnt_o) + 32'(ifm_hi_en) + 32'(w_gnt_o) + 32'(va_gnt_o) +
                          32'(vb_gnt_o) + 32'(vw_gnt_o) + 32'(lw_gnt_o) + 32'(sr_gnt_o));
  end
`endif

endmodule
