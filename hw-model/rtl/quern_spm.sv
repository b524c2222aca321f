// SPDX-License-Identifier: Apache-2.0
//
// Scratchpad: 16 banks of single-port SRAM, one vector of N bytes wide, behind
// seven ports. Addresses are vector indices; the IFM port takes a byte address,
// reads the two neighbouring vectors and rotates. A port asks with req and
// address, sees gnt in the same cycle, and has read data in the next cycle only.
// Fixed priority in port order; a port that is not granted repeats its request.
//
// The bank of a vector folds its upper index bits, so that neighbours never
// share a bank and the strides of feature maps spread over all of them.
//
// A pulse on scrub_i zeroes one row of every bank a cycle, while no port is
// granted; scrub_busy_o is high from the next cycle until it has finished.
//
// Requesters check bounds: an address at or above SPM_BYTES must not arrive.
// SPM_BYTES is a power of two, at least 32 * N.
//
// Written for simulation speed: winners are chosen on masks of 16 bits, and the
// address and data of a bank are single-use expressions, which Verilator folds
// into the SRAM's clocked block, where a bank without a request costs one test.
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

  localparam int unsigned BANKS = 16;
  localparam int unsigned LANE_W = $clog2(N);
  localparam int unsigned VEC_W = $clog2(SPM_BYTES / N);
  localparam int unsigned ROWS = SPM_BYTES / (N * BANKS);
  localparam int unsigned ROW_W = VEC_W - 4;

  // The bank that holds a vector; missing high bits of the index are zero.
  function automatic logic [3:0] bank_of(input logic [VEC_W-1:0] vec);
    logic [15:0] w;
    w = 16'(vec);
    bank_of = {w[3:1] ^ w[6:4] ^ w[9:7] ^ w[12:10] ^ w[15:13], w[0]};
  endfunction

  logic              scrub_q;
  logic [ROW_W-1:0]  scrub_row_q;

  // Winners. A mask has the bank bits that its port takes in this cycle.
  logic [BANKS-1:0]  ifm_lo, ifm_hi, w_hit, va_hit, vb_hit, vw_hit, lw_hit, busy;
  logic [3:0]        ifm_bank, ifm_bank_hi, w_bank, va_bank, vb_bank, sr_bank;
  logic [VEC_W-1:0]  ifm_vec, ifm_vec_hi;
  logic [LANE_W-1:0] ifm_lane;
  logic              any_req;

  assign ifm_vec    = ifm_addr_i[LANE_W +: VEC_W];
  assign ifm_vec_hi = ifm_vec + 1'b1;
  assign ifm_lane   = ifm_addr_i[LANE_W-1:0];
  assign any_req    = ifm_req_i || w_req_i || va_req_i || vb_req_i || vw_req_i || lw_req_i || sr_req_i;

  always_comb begin : arbitrate
    logic [BANKS-1:0] want;
    want           = '0;
    ifm_lo         = '0;
    ifm_hi         = '0;
    w_hit          = '0;
    va_hit         = '0;
    vb_hit         = '0;
    vw_hit         = '0;
    lw_hit         = '0;
    busy           = '0;
    ifm_bank       = '0;
    ifm_bank_hi    = '0;
    w_bank         = '0;
    va_bank        = '0;
    vb_bank        = '0;
    sr_bank        = '0;
    ifm_gnt_o      = 1'b0;
    w_gnt_o        = 1'b0;
    va_gnt_o       = 1'b0;
    vb_gnt_o       = 1'b0;
    vw_gnt_o       = 1'b0;
    lw_gnt_o       = 1'b0;
    sr_gnt_o       = 1'b0;
    ev_conflicts_o = '0;

    if (scrub_q) begin
      busy           = '1;
      ev_conflicts_o = 3'(ifm_req_i) + 3'(w_req_i) + 3'(va_req_i) + 3'(vb_req_i) + 3'(vw_req_i) + 3'(lw_req_i) + 3'(sr_req_i);
    end else if (any_req) begin
      if (ifm_req_i) begin
        ifm_gnt_o   = 1'b1;
        ifm_bank    = bank_of(ifm_vec);
        ifm_bank_hi = bank_of(ifm_vec_hi);
        ifm_lo      = BANKS'(1) << ifm_bank;
        if (ifm_lane != 0)
          ifm_hi = BANKS'(1) << ifm_bank_hi;
        busy = ifm_lo | ifm_hi;
      end
      if (w_req_i) begin
        w_bank  = bank_of(w_addr_i);
        want    = BANKS'(1) << w_bank;
        w_gnt_o = (want & busy) == 0;
        w_hit   = want & ~busy;
        busy    = busy | want;
      end
      if (va_req_i) begin
        va_bank  = bank_of(va_addr_i);
        want     = BANKS'(1) << va_bank;
        va_gnt_o = (want & busy) == 0;
        va_hit   = want & ~busy;
        busy     = busy | want;
      end
      if (vb_req_i) begin
        vb_bank  = bank_of(vb_addr_i);
        want     = BANKS'(1) << vb_bank;
        vb_gnt_o = (want & busy) == 0;
        vb_hit   = want & ~busy;
        busy     = busy | want;
      end
      if (vw_req_i) begin
        want     = BANKS'(1) << bank_of(vw_addr_i);
        vw_gnt_o = (want & busy) == 0;
        vw_hit   = want & ~busy;
        busy     = busy | want;
      end
      if (lw_req_i) begin
        want     = BANKS'(1) << bank_of(lw_addr_i);
        lw_gnt_o = (want & busy) == 0;
        lw_hit   = want & ~busy;
        busy     = busy | want;
      end
      if (sr_req_i) begin
        sr_bank  = bank_of(sr_addr_i);
        want     = BANKS'(1) << sr_bank;
        sr_gnt_o = (want & busy) == 0;
        busy     = busy | want;
      end
      ev_conflicts_o = 3'(w_req_i && !w_gnt_o) + 3'(va_req_i && !va_gnt_o) + 3'(vb_req_i && !vb_gnt_o) +
                       3'(vw_req_i && !vw_gnt_o) + 3'(lw_req_i && !lw_gnt_o) + 3'(sr_req_i && !sr_gnt_o);
    end
  end

  logic [8*N-1:0] bank_rdata [0:BANKS-1];

  for (genvar b = 0; b < BANKS; b = b + 1) begin : g_bank
    logic [ROW_W-1:0] row;
    logic [8*N-1:0]   wdata;
    logic [N-1:0]     be;
    logic             we;

    // The store read port needs no mask: it has what is busy and nobody else's.
    assign we    = scrub_q || vw_hit[b] || lw_hit[b];
    assign be    = lw_hit[b] ? lw_be_i : '1;
    assign wdata = scrub_q ? '0 : lw_hit[b] ? lw_wdata_i : vw_wdata_i;
    assign row   = scrub_q   ? scrub_row_q :
                   ifm_lo[b] ? ifm_vec[VEC_W-1:4] :
                   ifm_hi[b] ? ifm_vec_hi[VEC_W-1:4] :
                   w_hit[b]  ? w_addr_i[VEC_W-1:4] :
                   va_hit[b] ? va_addr_i[VEC_W-1:4] :
                   vb_hit[b] ? vb_addr_i[VEC_W-1:4] :
                   vw_hit[b] ? vw_addr_i[VEC_W-1:4] :
                   lw_hit[b] ? lw_addr_i[VEC_W-1:4] : sr_addr_i[VEC_W-1:4];

    quern_sram_1rw #(.WIDTH(8 * N), .DEPTH(ROWS)) u_sram (
      .clk_i,
      .req_i  (busy[b]),
      .we_i   (we),
      .be_i   (be),
      .addr_i (row),
      .wdata_i(wdata),
      .rdata_o(bank_rdata[b])
    );
  end

  // Read side: who was granted remembers its bank for one cycle.
  logic              ifm_live_q, w_live_q, va_live_q, vb_live_q, sr_live_q;
  logic [3:0]        ifm_bank_q, ifm_bank_hi_q, w_bank_q, va_bank_q, vb_bank_q, sr_bank_q;
  logic [LANE_W-1:0] ifm_lane_q;

  always_ff @(posedge clk_i) begin : read_state
    if (!rst_ni) begin
      ifm_live_q <= 1'b0;
      w_live_q   <= 1'b0;
      va_live_q  <= 1'b0;
      vb_live_q  <= 1'b0;
      sr_live_q  <= 1'b0;
    end else if (any_req || ifm_live_q || w_live_q || va_live_q || vb_live_q || sr_live_q) begin
      ifm_live_q    <= ifm_gnt_o;
      ifm_bank_q    <= ifm_bank;
      ifm_bank_hi_q <= ifm_bank_hi;
      ifm_lane_q    <= ifm_lane;
      w_live_q      <= w_gnt_o;
      w_bank_q      <= w_bank;
      va_live_q     <= va_gnt_o;
      va_bank_q     <= va_bank;
      vb_live_q     <= vb_gnt_o;
      vb_bank_q     <= vb_bank;
      sr_live_q     <= sr_gnt_o;
      sr_bank_q     <= sr_bank;
    end
  end

  always_comb begin : read_data
    ifm_rdata_o = '0;
    w_rdata_o   = '0;
    va_rdata_o  = '0;
    vb_rdata_o  = '0;
    sr_rdata_o  = '0;
    if (ifm_live_q) begin
      ifm_rdata_o = bank_rdata[ifm_bank_q];
      if (ifm_lane_q != 0)
        ifm_rdata_o = (ifm_rdata_o >> {ifm_lane_q, 3'd0}) | (bank_rdata[ifm_bank_hi_q] << {LANE_W'(N - 32'(ifm_lane_q)), 3'd0});
    end
    if (w_live_q)
      w_rdata_o = bank_rdata[w_bank_q];
    if (va_live_q)
      va_rdata_o = bank_rdata[va_bank_q];
    if (vb_live_q)
      vb_rdata_o = bank_rdata[vb_bank_q];
    if (sr_live_q)
      sr_rdata_o = bank_rdata[sr_bank_q];
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
  always_ff @(posedge clk_i) begin : assertions
    // An unaligned read must not run past the last vector.
    a_ifm_bounds: assert (!(ifm_req_i && ifm_lane != 0 && ifm_vec == '1));
    // No two ports must win the same bank.
    a_one_winner: assert (!any_req || scrub_q || ((ifm_lo & ifm_hi) | ((ifm_lo | ifm_hi) & w_hit) | ((ifm_lo | ifm_hi | w_hit) & va_hit) |
                          ((ifm_lo | ifm_hi | w_hit | va_hit) & vb_hit) | ((ifm_lo | ifm_hi | w_hit | va_hit | vb_hit) & vw_hit) |
                          ((ifm_lo | ifm_hi | w_hit | va_hit | vb_hit | vw_hit) & lw_hit)) == 0);
  end
`endif

endmodule
