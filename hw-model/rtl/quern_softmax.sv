// SPDX-License-Identifier: Apache-2.0
//
// SOFTMAX of int8 rows, in the integer arithmetic of TFLite's reference (see
// docs/isa.md). Three passes over a row: largest element, sum of exponentials,
// results; between the last two the reciprocal of the sum by three Newton steps.
//
// start_i takes a command; busy_o is high from the next cycle until all its
// results have been filled. Vectors of the row are read by the va port, entries
// of the table of exponentials in place by the vb port; results go to the output
// queue (alloc_*, fill_*). Everything outside the scratchpad is fault_o with its
// vector address, which stands until clear_i.
//
// Timing: two cycles a vector in the first pass, one an element in the others
// (plus four a vector), about 45 for a reciprocal, 10 a row for the pipelines.
// One 32 x 32 multiplier serves the reciprocal and the results.
//
// Rejected: a copy of the table in SRAM. It costs 1 KiB and up to 128 cycles a
// command, and the second read port of the engine is free here.
module quern_softmax #(
  parameter int unsigned N = 16,
  parameter int unsigned SPM_BYTES = 524288
) (
  input  logic                   clk_i,
  input  logic                  en_i,      // low only if there is nothing to do
  input  logic                   clear_i,

  input  logic                   start_i,
  // Only the fields of SOFTMAX are looked at.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [511:0]           cmd_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic                   busy_o,
  output logic                   active_o,    // a vector or element was read this cycle
  output logic                   scalar_o,    // at the reciprocal
  output logic                   fault_o,
  output logic [23-$clog2(N):0]  fault_vec_o,

  output logic                   va_req_o,
  output logic [23-$clog2(N):0]  va_vec_o,
  input  logic                   va_gnt_i,
  input  logic [N*8-1:0]         va_rdata_i,
  output logic                   vb_req_o,
  output logic [23-$clog2(N):0]  vb_vec_o,
  input  logic                   vb_gnt_i,
  input  logic [N*8-1:0]         vb_rdata_i,

  input  logic                   space_i,
  output logic                   alloc_o,
  output logic [23-$clog2(N):0]  alloc_vec_o,
  output logic                   alloc_last_o,
  output logic                   fill_o,
  output logic [N*8-1:0]         fill_data_o
);

  localparam int unsigned LANE_W = $clog2(N);
  localparam int unsigned VEC_W  = 24 - LANE_W;
  localparam int unsigned WORD_W = LANE_W - 2;           // index of an int32 in a vector
  localparam logic [VEC_W:0] VECTORS = (VEC_W + 1)'(SPM_BYTES / N);

  localparam logic signed [31:0] NEWTON_48_17  = 32'sd1515870810;   // 48/17 in Q2.29
  localparam logic signed [31:0] NEWTON_N32_17 = -32'sd1010580540;  // -32/17 in Q2.29

  localparam logic [2:0] IDLE   = 3'd0;
  localparam logic [2:0] READ   = 3'd1;   // ask for a vector of the row
  localparam logic [2:0] DATA   = 3'd2;   // it arrives
  localparam logic [2:0] ELEM   = 3'd3;   // ask for the table entry of each element
  localparam logic [2:0] SETTLE = 3'd4;   // the last elements are on their way
  localparam logic [2:0] NORM   = 3'd5;   // shift the sum up to its leading one
  localparam logic [2:0] NEWTON = 3'd6;   // products of the reciprocal

  localparam logic [1:0] MAXIMUM = 2'd0;
  localparam logic [1:0] SUM     = 2'd1;
  localparam logic [1:0] RESULT  = 2'd2;

  // Tokens and reserved bits are the sequencer's business.
  // verilator lint_off UNUSEDSIGNAL
  quern_pkg::cmd_softmax_t sm;
  // verilator lint_on UNUSEDSIGNAL
  assign sm = cmd_i;

  logic [2:0]         state_q;
  logic [1:0]         pass_q;
  logic [15:0]        rows_left_q, in_row_q, out_row_q;
  logic [11:0]        vecs_m1_q, vecs_left_q;
  logic [LANE_W-1:0]  tail_m1_q, elem_q;                 // last lane of the last vector; current lane
  logic [VEC_W-1:0]   row_in_q, row_out_q, in_q, out_q, table_q;
  logic [N*8-1:0]     vec_q;
  logic signed [7:0]  max_q;
  logic [31:0]        sum_q;
  logic [5:0]         zeros_q;
  logic signed [31:0] y_q, x_q;

  logic               last_vec;
  logic [LANE_W-1:0]  last_lane;

  // Element pipeline: E1 table entry arrives, E2 it is in e_q, E3 product in p_q.
  logic               e1_q, e2_q, e3_q, e1_last_q, e2_last_q, e3_last_q;
  logic [WORD_W-1:0]  e1_word_q;
  logic [LANE_W-1:0]  e1_lane_q, e2_lane_q, e3_lane_q;
  logic signed [31:0] e_q;

  // The multiplier: operands of the reciprocal are registers.
  logic signed [31:0] ra_q, rb_q;
  logic signed [63:0] p_q;
  logic [2:0]         mstep_q;
  logic               mready_q;

  // Rounded p / 2^31; only INT32_MIN squared saturates.
  function automatic logic signed [31:0] high_half(input logic signed [63:0] p);
    // The fraction is dropped.
    // verilator lint_off UNUSEDSIGNAL
    logic signed [63:0] q;
    // verilator lint_on UNUSEDSIGNAL
    q = p + 64'sd1073741824;
    high_half = !q[63] && q[62] ? 32'sh7fffffff : q[62:31];
  endfunction

  // v / 2^r rounded half away from zero, r <= 31.
  function automatic logic signed [31:0] round_right(input logic signed [31:0] v, input logic [4:0] r);
    logic [31:0] mask;
    mask = (32'd1 << r) - 32'd1;
    round_right = (v >>> r) + ((v & mask) > ((mask >> 1) + {31'd0, v[31]}) ? 32'sd1 : 32'sd0);
  endfunction

  // v * 2^n saturated, n is 1 or 2.
  function automatic logic signed [31:0] shift_sat(input logic signed [31:0] v, input logic two);
    logic fits;
    fits = v[31] == v[30] && (!two || v[31] == v[29]);
    shift_sat = !fits ? (v[31] ? 32'sh80000000 : 32'sh7fffffff) : two ? v <<< 2 : v <<< 1;
  endfunction

  // ------------------------------------------------------------- requests
  logic [7:0]         diff;
  logic [VEC_W-1:0]   entry_vec;

  always_comb begin : requests
    last_vec     = 1'b0;
    last_lane    = '0;
    diff         = '0;
    entry_vec    = '0;
    va_req_o     = 1'b0;
    vb_req_o     = 1'b0;
    fault_o      = 1'b0;
    fault_vec_o  = '0;
    alloc_last_o = 1'b0;
    scalar_o     = 1'b0;
    if (state_q != IDLE) begin
      last_vec     = vecs_left_q == 0;
      last_lane    = last_vec ? tail_m1_q : LANE_W'(N - 1);
      alloc_last_o = last_vec && rows_left_q == 0;
      scalar_o     = state_q == NORM || state_q == NEWTON;
      if (state_q == READ) begin
        fault_vec_o = {1'b0, in_q} < VECTORS ? out_q : in_q;
        fault_o     = {1'b0, in_q} >= VECTORS || (pass_q == RESULT && {1'b0, out_q} >= VECTORS);
        va_req_o    = !fault_o && (pass_q != RESULT || space_i);
      end
      if (state_q == ELEM) begin
        diff        = max_q - vec_q[elem_q*8 +: 8];
        entry_vec   = table_q + VEC_W'(diff[7:WORD_W]);
        fault_vec_o = entry_vec;
        fault_o     = {1'b0, entry_vec} >= VECTORS;
        vb_req_o    = !fault_o;
      end
    end
  end

  assign va_vec_o    = in_q;
  assign vb_vec_o    = entry_vec;
  assign alloc_vec_o = out_q;
  assign alloc_o     = va_req_o && va_gnt_i && pass_q == RESULT;
  assign active_o    = (va_req_o && va_gnt_i) || (vb_req_o && vb_gnt_i);
  assign busy_o      = state_q != IDLE || fill_o;

  // Largest of the vector that arrives and of max_q; lanes beyond the row do not count.
  logic signed [7:0] vec_max;
  always_comb begin : largest
    int unsigned o;
    o = 0;
    vec_max = max_q;
    if (state_q == DATA)
      for (o = 0; o < N; o = o + 1)
        if (o <= 32'(last_lane) && $signed(va_rdata_i[o*8 +: 8]) > vec_max)
          vec_max = va_rdata_i[o*8 +: 8];
  end

  // ---------------------------------------------------------------- states
  always_ff @(posedge clk_i) begin : control
    logic signed [31:0] scaled, fa, fb, high;
    logic        [5:0]  right;
    scaled = '0;
    fa     = '0;
    fb     = '0;
    right  = '0;
    high   = '0;
    if (en_i) begin
      if (clear_i) begin
        state_q <= IDLE;
        fill_o  <= 1'b0;
        e1_q    <= 1'b0;
        e2_q    <= 1'b0;
        e3_q    <= 1'b0;
      end else if (start_i) begin
        state_q     <= READ;
        pass_q      <= MAXIMUM;
        rows_left_q <= sm.rows - 16'd1;
        in_row_q    <= sm.in_row_v;
        out_row_q   <= sm.out_row_v;
        vecs_m1_q   <= 12'((sm.len - 16'd1) >> LANE_W);
        vecs_left_q <= 12'((sm.len - 16'd1) >> LANE_W);
        tail_m1_q   <= LANE_W'(sm.len - 16'd1);
        row_in_q    <= sm.in_base[23:LANE_W];
        in_q        <= sm.in_base[23:LANE_W];
        row_out_q   <= sm.out_base[23:LANE_W];
        out_q       <= sm.out_base[23:LANE_W];
        table_q     <= sm.table_base[23:LANE_W];
        max_q       <= -8'sd128;
        sum_q       <= '0;
      end else if (busy_o) begin
        fill_o    <= e3_q && e3_last_q;
        high      = high_half(p_q);
        e1_q      <= vb_req_o && vb_gnt_i;
        e1_word_q <= diff[WORD_W-1:0];
        e1_lane_q <= elem_q;
        e1_last_q <= elem_q == last_lane;
        e2_q      <= e1_q;
        e2_lane_q <= e1_lane_q;
        e2_last_q <= e1_last_q;
        if (e1_q)
          e_q <= vb_rdata_i[e1_word_q*32 +: 32];
        e3_q      <= e2_q && pass_q == RESULT;
        e3_lane_q <= e2_lane_q;
        e3_last_q <= e2_last_q;
        if (e2_q && pass_q == SUM)
          sum_q <= sum_q + round_right(e_q, 5'd12);
        if (e2_q || state_q == NEWTON) begin
          fa  = state_q == NEWTON ? ra_q : y_q;
          fb  = state_q == NEWTON ? rb_q : e_q;
          p_q <= fa * fb;
        end
        if (e3_q) begin
          right  = 6'd35 - zeros_q;
          scaled = right > 6'd31 ? 32'sd0 : round_right(high, right[4:0]);
          scaled = scaled - 32'sd128;
          scaled = scaled > 32'sd127 ? 32'sd127 : scaled < -32'sd128 ? -32'sd128 : scaled;
          fill_data_o[e3_lane_q*8 +: 8] <= scaled[7:0];
        end

        case (state_q)
          READ: if (va_req_o && va_gnt_i) state_q <= DATA;

          DATA: begin
            vec_q  <= va_rdata_i;
            elem_q <= '0;
            if (pass_q == MAXIMUM) begin
              max_q       <= vec_max;
              in_q        <= last_vec ? row_in_q : in_q + 1'b1;
              vecs_left_q <= last_vec ? vecs_m1_q : vecs_left_q - 12'd1;
              pass_q      <= last_vec ? SUM : MAXIMUM;
              state_q     <= READ;
            end else begin
              fill_data_o <= '0;
              state_q     <= ELEM;
            end
          end

          ELEM: if (vb_req_o && vb_gnt_i) begin
            elem_q <= elem_q + 1'b1;
            if (elem_q == last_lane)
              state_q <= SETTLE;
          end

          SETTLE: if (!e1_q && !e2_q && !e3_q) begin
            in_q        <= last_vec ? row_in_q : in_q + 1'b1;
            vecs_left_q <= last_vec ? vecs_m1_q : vecs_left_q - 12'd1;
            state_q     <= last_vec && pass_q == SUM ? NORM : READ;
            if (pass_q == SUM)
              zeros_q <= '0;
            if (pass_q == RESULT) begin
              out_q <= out_q + 1'b1;
              if (last_vec) begin
                pass_q      <= MAXIMUM;
                max_q       <= -8'sd128;
                sum_q       <= '0;
                rows_left_q <= rows_left_q - 16'd1;
                in_q        <= row_in_q + VEC_W'(in_row_q);
                row_in_q    <= row_in_q + VEC_W'(in_row_q);
                out_q       <= row_out_q + VEC_W'(out_row_q);
                row_out_q   <= row_out_q + VEC_W'(out_row_q);
                if (rows_left_q == 0)
                  state_q <= IDLE;
              end
            end
          end

          NORM: begin
            pass_q   <= RESULT;
            mstep_q  <= '0;
            mready_q <= 1'b0;
            ra_q     <= {1'b0, sum_q[31:1]};
            rb_q     <= NEWTON_N32_17;
            y_q      <= '0;
            if (sum_q == 0) begin
              zeros_q <= 6'd32;
              state_q <= READ;
            end else if (sum_q[31]) begin
              state_q <= NEWTON;
            end else begin
              sum_q   <= {sum_q[30:0], 1'b0};
              zeros_q <= zeros_q + 6'd1;
            end
          end

          NEWTON: begin
            // Step 0 starts x; then in turn half * x and x * (1 - half * x). half is sum_q / 2.
            mready_q <= !mready_q;
            if (mready_q) begin
              mstep_q <= mstep_q + 3'd1;
              if (mstep_q[0]) begin
                ra_q <= x_q;
                rb_q <= 32'sh20000000 - high;
              end else begin
                ra_q <= {1'b0, sum_q[31:1]};
                x_q  <= mstep_q == 0 ? NEWTON_48_17 + high : x_q + shift_sat(high, 1'b1);
                rb_q <= mstep_q == 0 ? NEWTON_48_17 + high : x_q + shift_sat(high, 1'b1);
                if (mstep_q == 3'd6) begin
                  y_q     <= shift_sat(x_q + shift_sat(high, 1'b1), 1'b0);
                  state_q <= READ;
                end
              end
            end
          end

          default: ;
        endcase
      end
    end
  end

endmodule
