// SPDX-License-Identifier: Apache-2.0
//
// Matrix engine: CONV and DWCONV, weight-stationary. One input vector a cycle
// passes the array of N x N multipliers and is added to one accumulator vector.
//
// Stages of a vector. S0: address, bounds, grant of the scratchpad. S1: data
// arrives; weights are swapped for the first vector of a block. S2: products,
// and the accumulator is read. S3: sum. S4: accumulator write. Nothing stalls
// after S0. A sum becomes readable three cycles after its predecessor's read, so
// S0 waits while S1 or S2 holds the same accumulator: it only happens in tiles of
// one or two pixels, which wait for weights anyway.
//
// Commands. Two are held: the one being walked, and the next, whose rules are
// checked and whose first block of weights is fetched meanwhile, so that commands
// follow each other without a gap. A command that breaks a rule or leaves the
// scratchpad faults when it is its turn and all before it has been written.
//
// Counters. A cycle with a command in the engine is busy if a vector passes S0,
// a weight stall if S0 waits for a block of weights, otherwise a scratchpad stall.
//
// Rejected: output-stationary (partial sums would not leave the array, but every
// cycle needs N new weights besides the input, twice the scratchpad traffic for
// the layers that have many pixels).
module quern_matrix #(
  parameter int unsigned N = 16,
  parameter int unsigned SPM_BYTES = 524288
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           scrub_i,
  output logic                           scrub_busy_o,

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
  output logic                           ev_stall_weight_o,
  output logic                           ev_stall_spm_o,

  output logic                           ifm_req_o,
  output logic [23:0]                    ifm_addr_o,
  input  logic                           ifm_gnt_i,
  input  logic [N*8-1:0]                 ifm_rdata_i,

  output logic                           w_req_o,
  output logic [$clog2(SPM_BYTES/N)-1:0] w_addr_o,
  input  logic                           w_gnt_i,
  input  logic [N*8-1:0]                 w_rdata_i,

  output logic                           acc_re_o,
  output logic [9:0]                     acc_raddr_o,
  input  logic [N*32-1:0]                acc_rdata0_i,
  input  logic [N*32-1:0]                acc_rdata1_i,
  output logic                           acc_we_o,
  output logic [9:0]                     acc_waddr_o,
  output logic [N*32-1:0]                acc_wdata_o
);

  // The next command: empty, being checked (two cycles), or ready.
  localparam logic [1:0] NXT_EMPTY = 2'd0;
  localparam logic [1:0] NXT_SIZES = 2'd1;
  localparam logic [1:0] NXT_VERDICT = 2'd2;
  localparam logic [1:0] NXT_READY = 2'd3;

  logic [1:0]   nxt_q;
  logic [511:0] nxt_cmd_q;
  logic [23:0]  nxt_index_q;
  logic         nxt_fetching_q;   // its weights are being fetched
  logic [7:0]   nxt_fault;

  logic         cur_q;            // a command is being walked
  logic [23:0]  cur_index_q;
  logic [7:0]   cur_fault_q;      // it breaks a rule
  logic [15:0]  cur_acc_q;        // its accumulator base, for the report
  logic         dead_q;           // faulted, waiting for a flush

  logic         clear, run, active_q, in_use, nxt_wait, take_nxt, fetch_nxt;
  logic         issue, walk_last, walk_first, walk_dw, walk_out, walk_zero;
  logic [23:0]  walk_addr;
  logic [9:0]   walk_acc;
  logic [6:0]   walk_col;
  logic [31:0]  tap_src;
  logic         w_full, w_fault, w_idle;
  logic [23:0]  w_fault_addr;

  logic                 mac_w, mac_hold, mac_unskid, mac_clear;
  logic [$clog2(N)-1:0] mac_row;

  // Stages after S0.
  // A stage carries its marks as one word, zero if there is no vector in it.
  localparam int unsigned LIVE = 13;   // there is a vector
  localparam int unsigned OUT  = 12;   // it leads to a sum
  localparam int unsigned ZERO = 11;   // which starts from zero
  localparam int unsigned LAST = 10;   // last vector of its command
  logic [13:0]  s1_q, s2_q, s3_q, s4_q;   // marks, accumulator
  logic         s1_dw_q, s1_swap_q;
  logic [6:0]   s1_col_q;
  logic [31:0]  s1_tap_src_q;
  logic         in_flight;

  // ---------------------------------------------------------------- commands

  // Logic is guarded by the state that it needs: an idle engine simulates for next
  // to nothing. active_q is high while anything is in use, and one cycle longer.
  assign clear    = !rst_ni || flush_i;
  assign run      = active_q || cmd_valid_i || clear;
  assign nxt_wait = nxt_q != NXT_EMPTY;

  always_comb begin : usage
    in_flight = 1'b0;
    in_use    = 1'b0;
    if (active_q) begin
      in_flight = s1_q[LIVE] || s2_q[LIVE] || s3_q[LIVE] || s4_q[LIVE];
      in_use    = nxt_wait || cur_q || in_flight || done_o || fault_o;
    end
  end

  assign idle_o         = !in_use;
  assign ev_stall_spm_o = in_use && !issue && !ev_stall_weight_o;

  quern_matrix_check #(.N(N)) i_check (
    .clk_i, .en_i(run), .phase_i(nxt_q), .cmd_i(nxt_cmd_q), .fault_o(nxt_fault));

  always_comb begin : hand_over
    take_nxt  = 1'b0;
    fetch_nxt = 1'b0;
    if (nxt_q == NXT_READY) begin
      take_nxt  = !cur_q || (issue && walk_last);
      fetch_nxt = !nxt_fetching_q && w_idle && nxt_fault == quern_pkg::FAULT_NONE;
    end
  end

  assign cmd_ready_o = !nxt_wait && !dead_q && !clear && !scrub_busy_o;

  always_ff @(posedge clk_i) begin : commands
    if (run) begin
      active_q <= (in_use || cmd_valid_i) && !clear;
      if (issue && walk_last)
        cur_q <= 1'b0;
      if (take_nxt) begin
        cur_q        <= 1'b1;
        cur_index_q  <= nxt_index_q;
        cur_fault_q  <= nxt_fault;
        cur_acc_q    <= nxt_cmd_q[111:96];
      end
      nxt_fetching_q <= !take_nxt && (nxt_fetching_q || fetch_nxt);
      case (nxt_q)
        NXT_EMPTY:   nxt_q <= cmd_valid_i && cmd_ready_o ? NXT_SIZES : NXT_EMPTY;
        NXT_SIZES:   nxt_q <= NXT_VERDICT;
        NXT_VERDICT: nxt_q <= NXT_READY;
        default:     nxt_q <= take_nxt ? NXT_EMPTY : NXT_READY;
      endcase
      if (cmd_valid_i && cmd_ready_o) begin
        nxt_cmd_q   <= cmd_i;
        nxt_index_q <= cmd_index_i;
      end
      if (clear) begin
        nxt_q          <= NXT_EMPTY;
        nxt_fetching_q <= 1'b0;
        cur_q          <= 1'b0;
      end
    end
  end

  // ------------------------------------------------------------- S0: walking

  quern_matrix_walk #(.N(N)) i_walk (
    .clk_i, .load_i(take_nxt), .cmd_i(nxt_cmd_q), .step_i(issue), .en_i(run),
    .addr_o(walk_addr), .acc_o(walk_acc), .dw_o(walk_dw), .out_o(walk_out), .zero_o(walk_zero),
    .first_o(walk_first), .last_o(walk_last), .col_o(walk_col), .tap_src_o(tap_src));

  // What S0 does with the vector that the walk is at.
  logic bad_ifm, bad_weight;
  always_comb begin : s0
    ifm_req_o         = 1'b0;
    ev_stall_weight_o = 1'b0;
    bad_weight        = 1'b0;
    bad_ifm           = 1'b0;
    if (cur_q && !dead_q && cur_fault_q == quern_pkg::FAULT_NONE) begin
      if (walk_first && !w_full) begin
        ev_stall_weight_o = !w_fault;
        bad_weight        = w_fault;
      end else if (25'(walk_addr) + 25'(N) > 25'(SPM_BYTES)) begin
        bad_ifm = 1'b1;
      end else begin
        // Wait for an accumulator on its way, or the same column of the line buffer.
        ifm_req_o = !(s1_q[OUT] && s1_q[9:0] == walk_acc) && !(s2_q[OUT] && s2_q[9:0] == walk_acc)
                 && !(s1_dw_q && walk_dw && s1_col_q == walk_col);
      end
    end
  end

  assign ifm_addr_o = walk_addr;
  assign issue      = ifm_req_o && ifm_gnt_i && !flush_i;
  assign ev_busy_o  = issue;

  quern_matrix_weights #(.N(N), .SPM_BYTES(SPM_BYTES)) i_weights (
    .clk_i, .en_i(run), .clear_i(clear || dead_q),
    .load_i(fetch_nxt), .cmd_i(nxt_cmd_q), .idle_o(w_idle),
    .take_i(issue && walk_first), .swap_i(s1_swap_q), .full_o(w_full),
    .fault_o(w_fault), .fault_addr_o(w_fault_addr),
    .w_req_o, .w_addr_o, .w_gnt_i,
    .mac_w_o(mac_w), .mac_hold_o(mac_hold), .mac_unskid_o(mac_unskid), .mac_clear_o(mac_clear), .mac_row_o(mac_row));

  // ------------------------------------------------------------ faults, done

  always_ff @(posedge clk_i) begin : outcome
    logic bad_rule;
    bad_rule = 1'b0;
    if (run) begin
      done_o   <= s4_q[LAST] && !clear;
      fault_o  <= 1'b0;
      bad_rule = cur_q && cur_fault_q != quern_pkg::FAULT_NONE;
      if ((bad_rule || bad_weight || bad_ifm) && !dead_q && !in_flight) begin
        dead_q        <= 1'b1;
        fault_o       <= !clear;
        fault_index_o <= cur_index_q;
        fault_kind_o  <= bad_rule ? cur_fault_q : quern_pkg::FAULT_SPM_BOUNDS;
        if (bad_rule)
          fault_addr_o <= cur_fault_q == quern_pkg::FAULT_ACC_BOUNDS ? 40'(cur_acc_q) : 40'd0;
        else
          fault_addr_o <= {16'd0, bad_weight ? w_fault_addr : walk_addr};
      end
      if (clear)
        dead_q <= 1'b0;
    end
  end

  // -------------------------------------------------------------- S1 to S4

  always_ff @(posedge clk_i) begin : stages
    if (run) begin
      s4_q      <= s3_q;
      s3_q      <= s2_q;
      s2_q      <= s1_q;
      s1_q      <= issue ? {1'b1, walk_out, walk_zero, walk_last, walk_acc} : '0;
      s1_dw_q   <= issue && walk_dw;
      s1_swap_q <= issue && walk_first;
      s1_col_q  <= walk_col;
      // The walk may have moved on to the next command when S1 uses the taps.
      if (walk_first)
        s1_tap_src_q <= tap_src;
      if (clear) begin
        s1_q      <= '0;
        s2_q      <= '0;
        s3_q      <= '0;
        s4_q      <= '0;
        s1_dw_q   <= 1'b0;
        s1_swap_q <= 1'b0;
      end
    end
  end

  assign acc_re_o    = s2_q[OUT] && !s2_q[ZERO];
  assign acc_raddr_o = s2_q[9:0];
  assign acc_we_o    = s4_q[OUT];
  assign acc_waddr_o = s4_q[9:0];

  // -------------------------------------------------------------- datapath

  logic [N*8-1:0]       line0, line1;
  quern_mac #(.N(N)) i_mac (
    .clk_i, .en_i(run || scrub_i), .clear_i(scrub_i),
    .w_i(mac_w), .w_hold_i(mac_hold), .w_unskid_i(mac_unskid), .w_clear_i(mac_clear), .w_row_i(mac_row),
    .w_data_i(w_rdata_i),
    .x_i(s1_q[LIVE]), .x_dw_i(s1_dw_q), .swap_i(s1_swap_q), .x_data_i(ifm_rdata_i),
    .line0_i(line0), .line1_i(line1), .tap_src_i(s1_tap_src_q),
    .mul_i(s2_q[OUT]),
    .add_i(s3_q[OUT]), .acc_zero_i(s3_q[ZERO]), .acc_bank_i(s3_q[9]),
    .acc_rdata0_i, .acc_rdata1_i, .acc_wdata_o);

  quern_dw_line #(.N(N)) i_line (
    .clk_i, .rst_ni, .scrub_i, .scrub_busy_o,
    .en_i(run), .push_i(issue && walk_dw), .col_i(walk_col), .x_data_i(ifm_rdata_i), .line0_o(line0), .line1_o(line1));

endmodule
