// SPDX-License-Identifier: Apache-2.0
//
// The scaling lanes of the vector engine: N lanes from accumulators (REQUANT),
// two int8 operands (ELTWISE) or a window of int8 operands (POOL) to int8. The
// arithmetic is docs/isa.md's, bit for bit.
//
// Timing. v_i takes an operand; a result leaves as out_valid_o, out_o four cycles
// later (REQUANT; POOL with win_last_i), six for ELTWISE. One operand a cycle, no
// stalls. Commands of one kind may follow each other without a gap; a caller
// lets the lanes run empty before it changes the kind.
//
// Parameters of REQUANT are loaded into shadow registers (par_*), vector by
// vector; first_i, with the first operand of a command, makes them the active
// ones, each just before the stage that uses it. par_free_o then pulses: the next
// command's may be loaded while this one runs. For ELTWISE and POOL, first_i
// copies the scalar multiplier and shift to all lanes.
//
// ELTWISE operands have nine bits, so their rescaling by MBQM((a - zp) << 20, m, s)
// is done as (a - zp) * m with 11 instead of 31 bits to drop: same result, narrow
// multiplier. POOL MAX is AVG with divisor one.
//
// Rejected: one multiplier array for operands and results, time-shared: ELTWISE
// would take three cycles a vector to save two 9 x 31 multipliers a lane.
module quern_requant #(
  parameter int unsigned N = 16
) (
  input  logic               clk_i,
  input  logic                  en_i,      // low only if there is nothing to do
  input  logic               clear_i,

  input  logic               par_we_i,
  input  logic [3:0]         par_idx_i,    // 0-3 bias, 4-7 multiplier, 8 shift
  input  logic [N*8-1:0]     par_data_i,
  output logic               par_free_o,

  input  logic               v_i,
  input  logic               is_elt_i,
  input  logic               is_pool_i,
  input  logic               first_i,      // first operand of a command
  input  logic               win_first_i,  // first and last operand of a window, POOL
  input  logic               win_last_i,
  input  logic signed [7:0]  out_zp_i,
  input  logic signed [7:0]  act_min_i,
  input  logic signed [7:0]  act_max_i,

  input  logic               acc_bank_i,
  input  logic [N*32-1:0]    acc0_i,
  input  logic [N*32-1:0]    acc1_i,
  input  logic [N*8-1:0]     a_i,          // ELTWISE
  input  logic [N*8-1:0]     b_i,
  input  logic [N*8-1:0]     win_i,        // POOL

  // Scalars of ELTWISE and POOL: stable while the lanes are in use.
  input  logic [1:0]         elt_op_i,
  input  logic signed [7:0]  a_zp_i,
  input  logic signed [7:0]  b_zp_i,
  input  logic [30:0]        a_mult_i,
  input  logic [30:0]        b_mult_i,
  input  logic [4:0]         a_right_i,
  input  logic [4:0]         b_right_i,
  input  logic [31:0]        out_mult_i,
  input  logic signed [5:0]  out_shift_i,
  input  logic               pool_max_i,
  input  logic [23:0]        pool_half_i,
  input  logic [5:0]         pool_shift_i,

  output logic               busy_o,
  output logic               out_valid_o,
  output logic [N*8-1:0]     out_o
);

  localparam int unsigned QUARTER = N / 4;   // int32 in a vector

  // ------------------------------------------------------------ stage flags
  // E1, E2: ELTWISE operands; M1: shift left; M2: multiply; M3: round and clamp.
  // A stage of the multiplier path carries its marks and clamps as one word.
  logic        e1_q, e2_q, m1_q, m2_q, m3_q;
  logic [25:0] m1_ctl_q, m2_ctl_q;   // first of a REQUANT, POOL, zero point, low, high
  logic [24:0] m3_ctl_q;             // the same without the first mark

  assign busy_o = e1_q || e2_q || m1_q || m2_q || m3_q || out_valid_o;
  assign par_free_o = m2_q && m2_ctl_q[25];

  always_ff @(posedge clk_i) begin : flags
    if (en_i) begin
      out_valid_o <= m3_q;
      m3_q        <= m2_q;
      m3_ctl_q    <= m2_ctl_q[24:0];
      m2_q        <= m1_q;
      m2_ctl_q    <= m1_ctl_q;
      m1_q        <= e2_q || (v_i && !is_elt_i && (!is_pool_i || win_last_i));
      m1_ctl_q    <= {v_i && first_i && !is_elt_i && !is_pool_i, is_pool_i, out_zp_i, act_min_i, act_max_i};
      e2_q        <= e1_q;
      e1_q        <= v_i && is_elt_i;
      if (clear_i) begin
        e1_q        <= 1'b0;
        e2_q        <= 1'b0;
        m1_q        <= 1'b0;
        m2_q        <= 1'b0;
        m3_q        <= 1'b0;
        out_valid_o <= 1'b0;
      end
    end
  end

  // ------------------------------------------------------------------ lanes
  // Private to the block below, blocking assignments, last stage first.
  // verilator lint_off BLKSEQ
  logic signed [31:0] bias_next [0:N-1];
  logic        [31:0] mult_next [0:N-1];
  logic        [31:0] left_next [0:N-1];
  logic        [31:0] right_next [0:N-1];
  logic        [31:0] trunc_next [0:N-1];
  logic signed [31:0] bias  [0:N-1];
  logic        [31:0] mult  [0:N-1];
  logic        [31:0] left  [0:N-1];
  logic        [31:0] right [0:N-1];
  logic        [31:0] trunc [0:N-1];   // all ones: the first rounding is towards zero
  logic signed [31:0] da    [0:N-1];   // operands without zero points
  logic signed [31:0] db    [0:N-1];
  logic signed [63:0] pa    [0:N-1];   // scaled operands
  logic signed [63:0] pb    [0:N-1];
  logic signed [31:0] win   [0:N-1];   // sum or maximum of a window
  logic signed [31:0] v     [0:N-1];   // value to requantise
  logic signed [31:0] x     [0:N-1];   // factor of the multiplier
  logic signed [63:0] p     [0:N-1];   // product

  always_ff @(posedge clk_i) begin : lanes
    int unsigned        o, j;
    logic signed [31:0] res  [0:N-1];
    logic        [63:0] q    [0:N-1];
    logic signed [31:0] h    [0:N-1];
    logic        [31:0] mask [0:N-1];
    logic signed [31:0] fa   [0:N-1];
    logic signed [31:0] ga   [0:N-1];
    logic signed [31:0] gb   [0:N-1];
    logic signed [31:0] zp, low, high;
    logic        [31:0] mask_a, mask_b, scale_left, scale_right;
    o = 0;
    j = 0;
    zp = 0;
    low = 0;
    high = 0;
    mask_a = 0;
    mask_b = 0;
    scale_left = 0;
    scale_right = 0;

    if (en_i) begin
      if (m3_q) begin
        zp   = 32'($signed(m3_ctl_q[23:16]));
        low  = 32'($signed(m3_ctl_q[15:8]));
        high = 32'($signed(m3_ctl_q[7:0]));
        if (!m3_ctl_q[24]) begin
          for (o = 0; o < N; o = o + 1) begin
            q[o]    = p[o] + {32'd0, (trunc[o] & {1'b0, {31{p[o][63]}}}) | (~trunc[o] & 32'h40000000)};
            h[o]    = q[o][62:31];
            mask[o] = (32'd1 << right[o][4:0]) - 32'd1;
            res[o]  = (h[o] >>> right[o][4:0]) + zp
                    + (((h[o] & mask[o]) > ((mask[o] >> 1) + 32'(h[o][31]))) ? 32'sd1 : 32'sd0);
          end
        end else begin
          for (o = 0; o < N; o = o + 1) begin
            q[o]   = (p[o][63] ? -p[o] : p[o]) >> pool_shift_i;
            h[o]   = q[o] > 64'd255 ? 32'sd255 : {24'd0, q[o][7:0]};
            res[o] = p[o][63] ? -h[o] : h[o];
          end
        end
        for (o = 0; o < N; o = o + 1)
          res[o] = res[o] > low ? res[o] : low;
        for (o = 0; o < N; o = o + 1)
          res[o] = res[o] < high ? res[o] : high;
        for (j = 0; j < QUARTER; j = j + 1)
          out_o[j*32 +: 32] <= {res[4*j+3][7:0], res[4*j+2][7:0], res[4*j+1][7:0], res[4*j][7:0]};
      end

      if (m2_q)
        for (o = 0; o < N; o = o + 1)
          p[o] = x[o] * $signed({1'b0, mult[o]});
      if (m2_q && m2_ctl_q[25])
        for (o = 0; o < N; o = o + 1) begin
          right[o] = right_next[o];
          trunc[o] = trunc_next[o];
        end

      if (m1_q && !m1_ctl_q[24])
        for (o = 0; o < N; o = o + 1)
          x[o] = v[o] << left[o][4:0];
      if (m1_q && m1_ctl_q[25])
        for (o = 0; o < N; o = o + 1)
          mult[o] = mult_next[o];
      if (m1_q && m1_ctl_q[24])
        for (o = 0; o < N; o = o + 1)
          x[o] = pool_max_i || win[o] == 0 ? win[o]
               : win[o][31] ? win[o] - {8'd0, pool_half_i} : win[o] + {8'd0, pool_half_i};

      if (e2_q && elt_op_i == quern_pkg::ELTWISE_OP_MUL[1:0])
        for (o = 0; o < N; o = o + 1)
          v[o] = pa[o][31:0];
      if (e2_q && elt_op_i != quern_pkg::ELTWISE_OP_MUL[1:0]) begin
        mask_a = (32'd1 << a_right_i) - 32'd1;
        mask_b = (32'd1 << b_right_i) - 32'd1;
        for (o = 0; o < N; o = o + 1) begin
          q[o]  = pa[o] + 64'sd1024;
          ga[o] = q[o][42:11];
          ga[o] = (ga[o] >>> a_right_i)
                + (((ga[o] & mask_a) > ((mask_a >> 1) + 32'(ga[o][31]))) ? 32'sd1 : 32'sd0);
        end
        for (o = 0; o < N; o = o + 1) begin
          q[o]  = pb[o] + 64'sd1024;
          gb[o] = q[o][42:11];
          gb[o] = (gb[o] >>> b_right_i)
                + (((gb[o] & mask_b) > ((mask_b >> 1) + 32'(gb[o][31]))) ? 32'sd1 : 32'sd0);
        end
        for (o = 0; o < N; o = o + 1)
          v[o] = elt_op_i == quern_pkg::ELTWISE_OP_SUB[1:0] ? ga[o] - gb[o] : ga[o] + gb[o];
      end

      if (e1_q) begin
        for (o = 0; o < N; o = o + 1)
          fa[o] = elt_op_i == quern_pkg::ELTWISE_OP_MUL[1:0] ? db[o] : $signed({1'b0, a_mult_i});
        for (o = 0; o < N; o = o + 1)
          pa[o] = da[o] * fa[o];
        for (o = 0; o < N; o = o + 1)
          pb[o] = db[o] * $signed({1'b0, b_mult_i});
      end

      if (v_i && first_i && !is_elt_i && !is_pool_i)
        for (o = 0; o < N; o = o + 1) begin
          bias[o] = bias_next[o];
          left[o] = left_next[o];
        end
      if (v_i && first_i && (is_elt_i || is_pool_i)) begin
        scale_left  = out_shift_i[5] ? 32'd0 : {27'd0, out_shift_i[4:0]};
        scale_right = out_shift_i[5] ? {27'd0, -out_shift_i[4:0]} : 32'd0;
        for (o = 0; o < N; o = o + 1) begin
          mult[o]  = is_pool_i && pool_max_i ? 32'd1 : out_mult_i;
          left[o]  = scale_left;
          right[o] = scale_right;
          trunc[o] = 32'd0;
        end
      end

      if (v_i && is_elt_i)
        for (o = 0; o < N; o = o + 1) begin
          da[o] = 32'($signed(a_i[o*8 +: 8])) - 32'(a_zp_i);
          db[o] = 32'($signed(b_i[o*8 +: 8])) - 32'(b_zp_i);
        end
      if (v_i && is_pool_i) begin
        for (o = 0; o < N; o = o + 1)
          da[o] = 32'($signed(win_i[o*8 +: 8]));
        if (win_first_i)
          for (o = 0; o < N; o = o + 1)
            win[o] = da[o];
        else if (pool_max_i)
          for (o = 0; o < N; o = o + 1)
            win[o] = da[o] > win[o] ? da[o] : win[o];
        else
          for (o = 0; o < N; o = o + 1)
            win[o] = win[o] + da[o];
      end
      if (v_i && !is_elt_i && !is_pool_i)
        for (o = 0; o < N; o = o + 1)
          v[o] = (acc_bank_i ? acc1_i[o*32 +: 32] : acc0_i[o*32 +: 32]) + bias[o];

      if (par_we_i) begin
        for (o = 0; o < N; o = o + 1)
          if (par_idx_i == 4'(o / QUARTER))
            bias_next[o] = par_data_i[(o % QUARTER) * 32 +: 32];
        for (o = 0; o < N; o = o + 1)
          if (par_idx_i == 4'(4 + o / QUARTER))
          begin
            mult_next[o]  = {1'b0, par_data_i[(o % QUARTER) * 32 +: 31]};
            trunc_next[o] = {32{par_data_i[(o % QUARTER) * 32 + 31]}};
          end
        if (par_idx_i == 4'd8)
          for (o = 0; o < N; o = o + 1) begin
            da[o]         = 32'($signed(par_data_i[o*8 +: 8]));
            left_next[o]  = da[o] < 0 ? 32'd0 : da[o] > 30 ? 32'd30 : da[o];
            right_next[o] = da[o] >= 0 ? 32'd0 : da[o] < -31 ? 32'd31 : -da[o];
          end
      end
    end
  end
  // verilator lint_on BLKSEQ

endmodule
