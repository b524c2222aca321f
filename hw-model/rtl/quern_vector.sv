// SPDX-License-Identifier: Apache-2.0
//
// Vector engine: REQUANT, ELTWISE, POOL, MAP and SOFTMAX. One vector a cycle from
// the scratchpad or the accumulators through the lanes and the output queue back
// to the scratchpad; SOFTMAX one element a cycle.
//
// A vector of REQUANT, POOL or MAP is asked for (S0) when the output queue has
// space for its result; data arrives in the next cycle and enters the lanes. For
// ELTWISE the first operand is kept in a small buffer until the second has come,
// which is asked for at its own pace, so that two operands in one bank cost a
// cycle once, not for every vector.
//
// Commands. Two are held: the one whose operands are read, and the next. REQUANT
// follows REQUANT without a gap, its parameters being fetched ahead
// (quern_vector_params). All other commands start when everything before has been
// written, because they may read it. A result whose operands a command reads later
// is undefined, except in place (docs/isa.md).
//
// Faults are raised in order: when the results before the bad access are written.
//
// Counters. A cycle with a command in the engine is busy if an operand passes S0,
// a parameter stall if tables or parameters are being read or SOFTMAX is at a
// reciprocal, otherwise a scratchpad stall.
module quern_vector #(
  parameter int unsigned N = 16,
  parameter int unsigned SPM_BYTES = 524288
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,

  input  logic                           cmd_valid_i,
  input  logic [511:0]                   cmd_i,
  input  logic [23:0]                    cmd_index_i,
  output logic                           cmd_ready_o,
  output logic                           done_o,
  output logic                           fault_o,
  output logic [7:0]                     fault_kind_o,
  output logic [39:0]                    fault_addr_o,
  output logic [23:0]                    fault_index_o,
  input  logic                           flush_i,
  output logic                           idle_o,
  output logic                           ev_busy_o,
  output logic                           ev_stall_param_o,
  output logic                           ev_stall_spm_o,

  output logic                           va_req_o,
  output logic [$clog2(SPM_BYTES/N)-1:0] va_addr_o,
  input  logic                           va_gnt_i,
  input  logic [N*8-1:0]                 va_rdata_i,
  output logic                           vb_req_o,
  output logic [$clog2(SPM_BYTES/N)-1:0] vb_addr_o,
  input  logic                           vb_gnt_i,
  input  logic [N*8-1:0]                 vb_rdata_i,
  output logic                           vw_req_o,
  output logic [$clog2(SPM_BYTES/N)-1:0] vw_addr_o,
  output logic [N*8-1:0]                 vw_wdata_o,
  input  logic                           vw_gnt_i,

  output logic                           acc_req_o,
  output logic [9:0]                     acc_addr_o,
  input  logic                           acc_gnt_i,
  input  logic [N*32-1:0]                acc_rdata0_i,
  input  logic [N*32-1:0]                acc_rdata1_i
);

  localparam int unsigned LANE_W = $clog2(N);
  localparam int unsigned VEC_W  = 24 - LANE_W;                 // vector index, whole address space
  localparam int unsigned SPM_W  = $clog2(SPM_BYTES / N);       // vector index, inside the scratchpad
  localparam logic [VEC_W:0] VECTORS = (VEC_W + 1)'(SPM_BYTES / N);
  localparam int unsigned TABLE_VECS = 256 / N;

  // The next command: empty, its rules being checked (two cycles), or ready.
  localparam logic [1:0] NXT_EMPTY = 2'd0;
  localparam logic [1:0] NXT_SIZES = 2'd1;
  localparam logic [1:0] NXT_VERDICT = 2'd2;
  localparam logic [1:0] NXT_READY = 2'd3;

  logic [1:0]   nxt_q;
  logic [511:0] nxt_cmd_q, cur_cmd_q;
  logic [23:0]  nxt_index_q, cur_index_q;
  logic [19:0]  nxt_entries_q;
  logic [7:0]   nxt_fault_q;
  logic         nxt_requant_q;

  logic         cur_q;          // operands of a command are being read
  logic         cur_requant_q, cur_elt_q, cur_pool_q, cur_map_q, cur_lut_q, cur_softmax_q;
  logic         cur_table_q;    // its table is being read
  logic         dead_q;

  // Only some fields of each are looked at here.
  // verilator lint_off UNUSEDSIGNAL
  quern_pkg::cmd_requant_t nrq, crq;
  quern_pkg::cmd_eltwise_t nel, cel;
  quern_pkg::cmd_pool_t    cpo;
  quern_pkg::cmd_map_t     ima, ccm;
  // verilator lint_on UNUSEDSIGNAL
  assign nrq = nxt_cmd_q;
  assign nel = nxt_cmd_q;
  assign ima = cmd_i;
  assign crq = cur_cmd_q;
  assign cel = cur_cmd_q;
  assign cpo = cur_cmd_q;
  assign ccm = cur_cmd_q;

  logic clear, run, active_q, in_use, take_nxt, nxt_bad, nxt_lut_q, drained, cur_ends;

  // S0 and the stage after it.
  logic              s0_req, s0_va_req, bad_s0, issue, alloc;
  logic [VEC_W-1:0]  walk_in, walk_out, alloc_vec, bad_s0_vec;
  logic [9:0]        walk_acc;
  logic              walk_first, walk_win_first, walk_win_last, walk_last;
  logic              s1_q, s1_first_q, s1_win_first_q, s1_win_last_q, s1_bank_q, lut_q;
  logic signed [7:0] s1_zp_q, s1_min_q, s1_max_q;

  // ELTWISE: first operands that wait in a_q for the second.
  logic              b_req, bad_b, b_issue, b_last, b1_q, b1_first_q, grid_first, a_all_q;
  logic [VEC_W-1:0]  grid_vec;
  logic [2:0]        ahead_q;      // granted first operands whose second is not
  logic [1:0]        a_wr_q, a_rd_q;
  logic [N*8-1:0]    a_q [0:3];

  logic              tab_req, bad_tab, tab_we_q;
  logic [8-LANE_W:0] tab_asked_q;
  logic [7-LANE_W:0] tab_row_q;
  logic [VEC_W-1:0]  tab_vec;

  logic              par_wait, par_want, par_req, par_we, par_free, par_ready, par_bad;
  logic [3:0]        par_idx;
  logic [VEC_W-1:0]  par_vec, par_bad_vec;

  logic              sm_start, sm_busy, sm_active, sm_scalar, sm_fault, sm_va_req, sm_vb_req;
  logic              sm_alloc, sm_alloc_last, sm_fill;
  logic [VEC_W-1:0]  sm_fault_vec, sm_va_vec, sm_vb_vec, sm_alloc_vec;
  logic [N*8-1:0]    sm_fill_data;

  logic              lanes_busy, lanes_done, q_space, q_empty, q_settled, q_done, fill;
  logic [4:0]        q_alloc_ptr, q_drain_ptr;
  logic [N*8-1:0]    lanes_out, lut_out, fill_data;

  // ---------------------------------------------------------------- commands

  // Logic is grouped by the state that it needs and guarded by it: an idle engine
  // simulates for next to nothing. active_q is high while anything is in use, and
  // one cycle longer.
  assign clear = !rst_ni || flush_i;
  assign run   = active_q || cmd_valid_i || clear;

  always_comb begin : usage
    in_use  = 1'b0;
    drained = 1'b1;
    if (active_q) begin
      in_use  = nxt_q != NXT_EMPTY || cur_q || !q_empty || dead_q || done_o || fault_o;
      drained = !cur_q && q_empty;
    end
  end
  assign idle_o = !in_use;

  always_comb begin : next_command
    nxt_bad  = 1'b0;
    take_nxt = 1'b0;
    sm_start = 1'b0;
    if (nxt_q == NXT_READY && !dead_q) begin
      nxt_bad  = nxt_fault_q != quern_pkg::FAULT_NONE || par_bad;
      take_nxt = !nxt_bad && (!nxt_requant_q || par_ready)
              && (drained || (nxt_requant_q && cur_requant_q && (!cur_q || cur_ends)));
      sm_start = take_nxt && nxt_cmd_q[7:0] == quern_pkg::OP_SOFTMAX;
    end
  end

  always_comb begin : next_parameters
    par_wait = 1'b0;
    par_want = 1'b0;
    if (nxt_requant_q && nxt_q != NXT_EMPTY) begin
      par_wait = 1'b1;
      par_want = nxt_q == NXT_READY && nxt_fault_q == quern_pkg::FAULT_NONE && !dead_q;
    end
  end

  assign cmd_ready_o = nxt_q == NXT_EMPTY && !dead_q && !clear;

  always_ff @(posedge clk_i) begin : commands
    if (run) begin
      active_q <= (in_use || cmd_valid_i) && !clear;
      if (nxt_q == NXT_VERDICT) begin
        if (!nxt_requant_q)
          nxt_fault_q <= quern_pkg::FAULT_NONE;
        else if (nxt_entries_q > 20'(quern_pkg::ACC_ENTRIES))
          nxt_fault_q <= quern_pkg::FAULT_ILLEGAL_FIELD;
        else if (nrq.acc_base >= 16'(quern_pkg::ACC_BANKS * quern_pkg::ACC_ENTRIES)
                 || 20'(nrq.acc_base[8:0]) + nxt_entries_q > 20'(quern_pkg::ACC_ENTRIES))
          nxt_fault_q <= quern_pkg::FAULT_ACC_BOUNDS;
        else
          nxt_fault_q <= quern_pkg::FAULT_NONE;
      end
      if (nxt_q == NXT_SIZES)
        nxt_entries_q <= nrq.nx[9:0] * nrq.ny[9:0];
      case (nxt_q)
        NXT_EMPTY:   nxt_q <= cmd_valid_i && cmd_ready_o ? NXT_SIZES : NXT_EMPTY;
        NXT_SIZES:   nxt_q <= NXT_VERDICT;
        NXT_VERDICT: nxt_q <= NXT_READY;
        default:     nxt_q <= take_nxt ? NXT_EMPTY : NXT_READY;
      endcase
      if (cmd_valid_i && cmd_ready_o) begin
        nxt_cmd_q     <= cmd_i;
        nxt_index_q   <= cmd_index_i;
        nxt_requant_q <= cmd_i[7:0] == quern_pkg::OP_REQUANT;
        nxt_lut_q     <= cmd_i[7:0] == quern_pkg::OP_MAP && ima.op == quern_pkg::MAP_OP_LUT[0];
      end
      if (clear)
        nxt_q <= NXT_EMPTY;
    end
  end

  // -------------------------------------------------- the command being read

  always_ff @(posedge clk_i) begin : current
    if (run) begin
      if (tab_we_q && tab_row_q == (8 - LANE_W)'(TABLE_VECS - 1))
        cur_table_q <= 1'b0;
      if (cur_ends || (b_issue && b_last) || (cur_softmax_q && !sm_busy))
        cur_q <= 1'b0;
      if (take_nxt) begin
        cur_q         <= 1'b1;
        cur_cmd_q     <= nxt_cmd_q;
        cur_index_q   <= nxt_index_q;
        cur_requant_q <= nxt_requant_q;
        cur_elt_q     <= nxt_cmd_q[7:0] == quern_pkg::OP_ELTWISE;
        cur_pool_q    <= nxt_cmd_q[7:0] == quern_pkg::OP_POOL;
        cur_map_q     <= nxt_cmd_q[7:0] == quern_pkg::OP_MAP;
        cur_lut_q     <= nxt_lut_q;
        cur_table_q   <= nxt_lut_q;
        cur_softmax_q <= nxt_cmd_q[7:0] == quern_pkg::OP_SOFTMAX;
      end
      if (clear) begin
        cur_q         <= 1'b0;
        cur_requant_q <= 1'b0;
        cur_elt_q     <= 1'b0;
        cur_pool_q    <= 1'b0;
        cur_map_q     <= 1'b0;
        cur_lut_q     <= 1'b0;
        cur_table_q   <= 1'b0;
        cur_softmax_q <= 1'b0;
      end
    end
  end

  // ------------------------------------------------------------ table of LUT

  always_comb begin : table_request
    tab_vec = '0;
    tab_req = 1'b0;
    bad_tab = 1'b0;
    if (cur_table_q && tab_asked_q != (9 - LANE_W)'(TABLE_VECS)) begin
      tab_vec = ccm.table_base[23:LANE_W] + VEC_W'(tab_asked_q);
      bad_tab = {1'b0, tab_vec} >= VECTORS;
      tab_req = !bad_tab;
    end
  end

  always_ff @(posedge clk_i) begin : table_read
    if (run) begin
      tab_row_q   <= (8 - LANE_W)'(tab_asked_q);
      tab_asked_q <= !cur_table_q ? '0 : tab_req && va_gnt_i ? tab_asked_q + 1'b1 : tab_asked_q;
      tab_we_q    <= tab_req && va_gnt_i;
      if (clear) begin
        tab_we_q    <= 1'b0;
        tab_asked_q <= '0;
      end
    end
  end

  // ------------------------------------------------ S0: operands are asked for

  quern_vector_walk #(.N(N)) i_walk (
    .clk_i, .load_i(take_nxt), .cmd_i(nxt_cmd_q), .step_i(issue), .en_i(run),
    .in_o(walk_in), .acc_o(walk_acc), .out_o(walk_out), .first_o(walk_first),
    .win_first_o(walk_win_first), .win_last_o(walk_win_last), .last_o(walk_last));

  always_comb begin : s0
    s0_req     = 1'b0;
    s0_va_req  = 1'b0;
    acc_req_o  = 1'b0;
    bad_s0     = 1'b0;
    bad_s0_vec = '0;
    if (cur_q && !cur_softmax_q && !cur_table_q && !dead_q) begin
      if (!cur_elt_q || (!a_all_q && ahead_q != 3'd4)) begin
        bad_s0_vec = !cur_requant_q && {1'b0, walk_in} >= VECTORS ? walk_in : walk_out;
        bad_s0     = (!cur_requant_q && {1'b0, walk_in} >= VECTORS) || (walk_win_last && {1'b0, walk_out} >= VECTORS);
        s0_req     = q_space && !bad_s0;
        s0_va_req  = s0_req && !cur_requant_q;
        acc_req_o  = s0_req && cur_requant_q;
      end
    end
  end

  assign acc_addr_o = walk_acc;
  assign issue      = s0_req && (cur_requant_q ? acc_gnt_i : va_gnt_i);

  always_comb begin : issued
    alloc     = 1'b0;
    alloc_vec = '0;
    cur_ends  = 1'b0;
    if (issue || sm_alloc) begin
      alloc     = walk_win_last || sm_alloc;
      alloc_vec = cur_softmax_q ? sm_alloc_vec : walk_out;
      cur_ends  = walk_last && !cur_elt_q && !cur_softmax_q;
    end
  end

  always_ff @(posedge clk_i) begin : s1
    if (run) begin
      lut_q <= lut_v;
      s1_q  <= issue;
      if (issue) begin
        s1_first_q     <= walk_first;
        s1_win_first_q <= walk_win_first;
        s1_win_last_q  <= walk_win_last;
        s1_bank_q      <= walk_acc[9];
        s1_zp_q        <= cur_requant_q ? crq.out_zp : cur_elt_q ? cel.out_zp : 8'sd0;
        s1_min_q       <= cur_requant_q ? crq.act_min : cur_elt_q ? cel.act_min : cpo.act_min;
        s1_max_q       <= cur_requant_q ? crq.act_max : cur_elt_q ? cel.act_max : cpo.act_max;
      end
      if (clear) begin
        s1_q  <= 1'b0;
        lut_q <= 1'b0;
      end
    end
  end

  // ------------------------------------------------ second operand of ELTWISE

  quern_vector_grid #(.N(N)) i_grid (
    .clk_i, .en_i(run), .load_i(take_nxt), .base_i(nel.b_base[23:LANE_W]), .nx_i(nel.nx), .sx_i(nel.b_sx_v), .sy_i(nel.b_sy_v),
    .step_i(b_issue), .addr_o(grid_vec), .first_o(grid_first));

  always_comb begin : second_request
    b_req  = 1'b0;
    b_last = 1'b0;
    bad_b  = 1'b0;
    if (cur_elt_q && ahead_q != 0 && !dead_q) begin
      bad_b  = {1'b0, grid_vec} >= VECTORS;
      b_req  = !bad_b;
      b_last = a_all_q && ahead_q == 3'd1;
    end
  end
  assign b_issue = b_req && vb_gnt_i;

  always_ff @(posedge clk_i) begin : second_operand
    if (run) begin
      if (b1_q)
        a_rd_q <= a_rd_q + 2'd1;
      if (s1_q && cur_elt_q) begin
        a_q[a_wr_q] <= va_rdata_i;
        a_wr_q      <= a_wr_q + 2'd1;
      end
      b1_first_q <= grid_first;
      b1_q       <= b_issue;
      if (cur_elt_q) begin
        a_all_q <= (a_all_q || (issue && walk_last)) && !(b_issue && b_last);
        ahead_q <= ahead_q + 3'(issue) - 3'(b_issue);
      end
      if (clear) begin
        ahead_q <= '0;
        a_all_q <= 1'b0;
        b1_q    <= 1'b0;
        a_wr_q  <= '0;
        a_rd_q  <= '0;
      end
    end
  end

  // -------------------------------------------------------------- parameters

  quern_vector_params #(.N(N), .SPM_BYTES(SPM_BYTES), .PTR_W(5)) i_params (
    .clk_i, .en_i(run), .clear_i(clear),
    .arrived_i(nxt_q == NXT_SIZES), .waiting_i(par_wait), .want_i(par_want),
    .base_i(nrq.param_base[23:LANE_W]), .taken_i(take_nxt && par_wait), .free_i(par_free),
    .ready_o(par_ready), .bad_o(par_bad), .bad_vec_o(par_bad_vec),
    .alloc_ptr_i(q_alloc_ptr), .drain_ptr_i(q_drain_ptr), .alloc_i(alloc),
    .alloc_vec_i(alloc_vec), .drained_i(drained),
    .port_free_i(!cur_q || cur_requant_q), .req_o(par_req), .vec_o(par_vec), .gnt_i(va_gnt_i),
    .we_o(par_we), .idx_o(par_idx));

  // ---------------------------------------------------------------- datapath

  logic lanes_v, lanes_first, copy_v, lut_v;
  always_comb begin : operands
    lanes_v     = 1'b0;
    lanes_first = 1'b0;
    copy_v      = 1'b0;
    lut_v       = 1'b0;
    if (s1_q || b1_q) begin
      lanes_v     = cur_elt_q ? b1_q : cur_requant_q || cur_pool_q;
      lanes_first = cur_elt_q ? b1_first_q : s1_first_q;
      copy_v      = cur_map_q && !cur_lut_q;
      lut_v       = cur_lut_q;
    end
  end

  quern_requant #(.N(N)) i_lanes (
    .clk_i, .en_i(run), .clear_i(clear),
    .par_we_i(par_we), .par_idx_i(par_idx), .par_data_i(va_rdata_i), .par_free_o(par_free),
    .v_i(lanes_v), .is_elt_i(cur_elt_q), .is_pool_i(cur_pool_q),
    .first_i(lanes_first), .win_first_i(s1_win_first_q), .win_last_i(s1_win_last_q),
    .out_zp_i(s1_zp_q), .act_min_i(s1_min_q), .act_max_i(s1_max_q),
    .acc_bank_i(s1_bank_q), .acc0_i(acc_rdata0_i), .acc1_i(acc_rdata1_i),
    .a_i(a_q[a_rd_q]), .b_i(vb_rdata_i), .win_i(va_rdata_i),
    .elt_op_i(cel.op), .a_zp_i(cel.a_zp), .b_zp_i(cel.b_zp),
    .a_mult_i(cel.a_mult[30:0]), .b_mult_i(cel.b_mult[30:0]),
    .a_right_i(5'd0 - cel.a_shift[4:0]), .b_right_i(5'd0 - cel.b_shift[4:0]),
    .out_mult_i(cur_pool_q ? cpo.mult : cel.out_mult), .out_shift_i(cel.out_shift[5:0]),
    .pool_max_i(cpo.op == quern_pkg::POOL_OP_MAX[0]), .pool_half_i(cpo.half),
    .pool_shift_i(cpo.op == quern_pkg::POOL_OP_MAX[0] ? 6'd0 : cpo.shift[5:0]),
    .busy_o(lanes_busy), .out_valid_o(lanes_done), .out_o(lanes_out));

  quern_lut #(.N(N)) i_lut (
    .clk_i, .en_i(run), .we_i(tab_we_q), .row_i(tab_row_q), .data_i(va_rdata_i),
    .v_i(lut_v), .idx_i(va_rdata_i), .out_o(lut_out));

  quern_softmax #(.N(N), .SPM_BYTES(SPM_BYTES)) i_softmax (
    .clk_i, .en_i(run), .clear_i(clear),
    .start_i(sm_start), .cmd_i(nxt_cmd_q),
    .busy_o(sm_busy), .active_o(sm_active), .scalar_o(sm_scalar), .fault_o(sm_fault), .fault_vec_o(sm_fault_vec),
    .va_req_o(sm_va_req), .va_vec_o(sm_va_vec), .va_gnt_i, .va_rdata_i,
    .vb_req_o(sm_vb_req), .vb_vec_o(sm_vb_vec), .vb_gnt_i, .vb_rdata_i,
    .space_i(q_space), .alloc_o(sm_alloc), .alloc_vec_o(sm_alloc_vec), .alloc_last_o(sm_alloc_last),
    .fill_o(sm_fill), .fill_data_o(sm_fill_data));

  // ------------------------------------------------------- ports and results

  always_comb begin : ports
    va_req_o  = 1'b0;
    va_addr_o = '0;
    vb_req_o  = 1'b0;
    vb_addr_o = '0;
    if (cur_q || par_req) begin
      va_req_o  = s0_va_req || sm_va_req || tab_req || par_req;
      va_addr_o = SPM_W'(par_req ? par_vec : tab_req ? tab_vec : sm_va_req ? sm_va_vec : walk_in);
      vb_req_o  = b_req || sm_vb_req;
      vb_addr_o = SPM_W'(sm_vb_req ? sm_vb_vec : grid_vec);
    end
  end

  always_comb begin : result
    fill      = 1'b0;
    fill_data = '0;
    if (!q_empty) begin
      fill      = lanes_done || lut_q || sm_fill || copy_v;
      fill_data = lanes_done ? lanes_out : lut_q ? lut_out : sm_fill ? sm_fill_data : va_rdata_i;
    end
  end

  quern_vector_queue #(.N(N), .VEC_W(SPM_W), .DEPTH(16)) i_queue (
    .clk_i, .en_i(run), .clear_i(clear),
    .space_o(q_space), .alloc_i(alloc), .alloc_addr_i(SPM_W'(alloc_vec)),
    .alloc_last_i(cur_softmax_q ? sm_alloc_last : walk_last),
    .fill_i(fill), .fill_data_i(fill_data),
    .alloc_ptr_o(q_alloc_ptr), .drain_ptr_o(q_drain_ptr), .empty_o(q_empty), .settled_o(q_settled), .done_o(q_done),
    .w_req_o(vw_req_o), .w_addr_o(vw_addr_o), .w_data_o(vw_wdata_o), .w_gnt_i(vw_gnt_i));

  // ------------------------------------------------------------ faults, done

  logic             any_bad, quiet, bad_now;
  logic [VEC_W-1:0] bad_vec;
  assign any_bad = nxt_bad || bad_s0 || bad_b || bad_tab || sm_fault;
  always_comb begin : bad
    quiet   = 1'b0;
    bad_now = 1'b0;
    bad_vec = '0;
    if (any_bad) begin
      quiet   = q_settled && !lanes_busy && !s1_q && !b1_q && !lut_q;
      bad_now = !dead_q && ((nxt_bad && drained) || (quiet && ((bad_s0 && ahead_q == 0) || bad_b || bad_tab || sm_fault)));
      bad_vec = drained ? par_bad_vec : bad_b ? grid_vec : bad_tab ? tab_vec : sm_fault ? sm_fault_vec : bad_s0_vec;
    end
  end

  always_ff @(posedge clk_i) begin : outcome
    if (run) begin
      done_o  <= q_done && !clear;
      fault_o <= bad_now && !clear;
      if (bad_now) begin
        dead_q        <= 1'b1;
        fault_index_o <= drained ? nxt_index_q : cur_index_q;
        fault_kind_o  <= drained && nxt_fault_q != quern_pkg::FAULT_NONE ? nxt_fault_q : quern_pkg::FAULT_SPM_BOUNDS;
        if (drained && nxt_fault_q == quern_pkg::FAULT_ILLEGAL_FIELD)
          fault_addr_o <= '0;
        else if (drained && nxt_fault_q == quern_pkg::FAULT_ACC_BOUNDS)
          fault_addr_o <= 40'(nrq.acc_base);
        else
          fault_addr_o <= 40'(bad_vec) << LANE_W;
      end
      if (clear)
        dead_q <= 1'b0;
    end
  end

  always_comb begin : events
    ev_busy_o        = 1'b0;
    ev_stall_param_o = 1'b0;
    ev_stall_spm_o   = 1'b0;
    if (in_use) begin
      ev_busy_o        = (cur_elt_q ? b_issue : issue) || sm_active;
      ev_stall_param_o = !ev_busy_o && !dead_q
                      && (cur_table_q || sm_scalar || (!cur_q && nxt_requant_q && !par_ready));
      ev_stall_spm_o   = !ev_busy_o && !ev_stall_param_o;
    end
  end

endmodule
