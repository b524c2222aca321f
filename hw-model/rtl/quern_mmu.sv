// SPDX-License-Identifier: Apache-2.0
//
// Translation for the three clients that reach host memory by virtual address:
// 0 sequencer, 1 load, 2 store. Protocol: docs/rtl-interfaces.md.
//
// One lookup a cycle, in turn, in three caches at once: PTE lines of level 0
// (quern_tlb, 64 lines of 32 KiB), level 1 (8 of 16 MiB) and level 2 (4 of 8 GiB).
// A usable leaf in any of them answers in the next cycle. Otherwise a walk starts
// as low as the pointers in the upper caches allow, beside those of the others;
// a client whose line is already being walked waits for that walk and looks again.
//
// Faults come only from a walk that has read the tables in this instance: what a
// cache holds that is not good enough is read again. So software invalidates when
// it takes something away, not when it maps or grants.
//
// Translation ahead of the stream: an access to the upper half of a line asks for
// the next line, with the lowest priority and a walk context of its own, at most
// once for each line and client. A line is 2048 cycles of a full-rate stream, a
// walk of one level some 110, so that a stream never waits for its second line.
//
// touch_valid_i asks for the walk of a line in the same way, for software that knows
// what will come; touch_ready_o takes it. A client that would read tables which such
// a walk is reading already waits for it, so that a cold start costs one descent.
//
// tr_paddr_o and tr_fault_o belong to the clients whose tr_done_o pulses, of which
// there is one a cycle. FAULT_ASID: asid_i has no root table. asid_i must not
// change while a client waits.
// inval_i (pulse): nothing of the address space is used for requests accepted
// later; inval_busy_o is high while walks in its tables are still under way.
//
// Rejected: caching faults (an invalidation for each map); a TLB for each client
// (the clients share buffers, above all stream and weights of small models).
module quern_mmu (
  input  logic                              clk_i,
  input  logic                              rst_ni,

  input  logic [3:0]                        asid_i,
  input  logic [quern_pkg::NUM_ASID*32-1:0] roots_i,

  input  logic [2:0]                        tr_valid_i,
  input  logic [39:0]                       seq_vaddr_i,
  input  logic [39:0]                       load_vaddr_i,
  input  logic [39:0]                       store_vaddr_i,
  input  logic [2:0]                        tr_write_i,
  output logic [2:0]                        tr_done_o,
  output logic [55:0]                       tr_paddr_o,
  output logic [7:0]                        tr_fault_o,

  input  logic                              touch_valid_i,
  input  logic [22:0]                       touch_line_i,
  input  logic [3:0]                        touch_asid_i,
  output logic                              touch_ready_o,

  input  logic                              inval_i,
  input  logic                              inval_all_i,
  input  logic [3:0]                        inval_asid_i,
  output logic                              inval_busy_o,

  output logic                              ar_valid_o,
  output logic [55:0]                       ar_addr_o,
  output logic [7:0]                        ar_len_o,
  input  logic                              ar_ready_i,
  input  logic                              r_valid_i,
  input  logic [127:0]                      r_data_i,
  input  logic                              r_last_i,
  input  logic                              r_err_i,

  output logic                              idle_o,
  output logic                              ev_lookup_o,
  output logic                              ev_miss_o,
  output logic                              ev_walk_o
);

  localparam logic [1:0] AHEAD = 2'd3;       // requester and walk context of prefetches

  // Requesters

  logic [2:0]  pending_q;      // accepted, not answered
  logic [2:0]  retry_q;        // ... to be looked up again
  logic [2:0]  follow_q;       // ... and waiting for another one's walk
  logic        ahead_q;        // a prefetch is to be looked up
  logic [22:0] ahead_line_q;
  logic [3:0]  ahead_asid_q;
  logic [1:0]  last_q;         // client looked up last

  logic [2:0]  want;
  logic        look, look_ahead;
  logic [1:0]  who;
  logic [39:0] vaddr;
  logic [25:0] look_page;
  logic [3:0]  look_asid;
  logic        res_valid;

  assign want = (tr_valid_i & ~pending_q) | retry_q;

  // Clients in turn. No lookup while an invalidation clears entries, nor when a walk's result needs the next cycle.
  always_comb begin : arbiter
    look       = 1'b0;
    look_ahead = 1'b0;
    who        = AHEAD;
    vaddr      = 40'd0;
    look_page  = {ahead_line_q, 3'd0};
    look_asid  = ahead_asid_q;
    if (!inval_i && !res_valid) begin
      if (want != 3'd0) begin
        look = 1'b1;
        case (last_q)
          2'd0:    who = want[1] ? 2'd1 : want[2] ? 2'd2 : 2'd0;
          2'd1:    who = want[2] ? 2'd2 : want[0] ? 2'd0 : 2'd1;
          default: who = want[0] ? 2'd0 : want[1] ? 2'd1 : 2'd2;
        endcase
        vaddr     = who == 2'd0 ? seq_vaddr_i : who == 2'd1 ? load_vaddr_i : store_vaddr_i;
        look_page = vaddr[37:12];
        look_asid = asid_i;
      end else if (ahead_q) begin
        look_ahead = 1'b1;
      end
    end
  end

  // Second stage: who asked for what

  logic        s1_valid_q, s1_first_q, s1_write_q, s1_high_q, s1_root_q;
  logic [1:0]  s1_who_q;
  logic [25:0] s1_page_q;
  logic [11:0] s1_offset_q;
  logic [3:0]  s1_asid_q;
  logic [31:0] root;
  logic [30:0] s1_table_q;

  assign root = roots_i[32 * look_asid +: 32];

  always_ff @(posedge clk_i) begin : stage1
    if (!rst_ni) begin
      s1_valid_q <= 1'b0;
      last_q     <= 2'd2;
    end else if (look || look_ahead) begin
      s1_valid_q  <= 1'b1;
      s1_who_q    <= who;
      s1_page_q   <= look_page;
      s1_offset_q <= vaddr[11:0];
      s1_asid_q   <= look_asid;
      s1_root_q   <= root[31] && look_asid != 4'd0;
      s1_table_q  <= root[30:0];
      s1_high_q   <= vaddr[39:38] != 2'd0;
      if (look) begin
        last_q     <= who;
        s1_first_q <= !pending_q[who];
        s1_write_q <= tr_write_i[who];
      end
    end else begin
      s1_valid_q <= 1'b0;
    end
  end

  // Caches

  logic        hit0, hit1, hit2;
  // {ptr, r, w, ppn}; a PTE of level 0 is never a pointer, and its line is all that a fill needs to know.
  // verilator lint_off UNUSEDSIGNAL
  logic [46:0] pte0, pte1, pte2;
  logic [25:0] fill_page;
  // verilator lint_on UNUSEDSIGNAL
  logic        fill_begin, fill_we, fill_end, fill_ok;
  logic [1:0]  fill_level, fill_we_level, fill_beat;
  logic [3:0]  fill_asid;
  logic [93:0] fill_data;

  quern_tlb #(.SETS(16), .WAYS(4), .LINE_BITS(23)) i_level0 (
    .clk_i,
    .rst_ni,
    .look_i       (look || look_ahead),
    .look_line_i  (look_page[25:3]),
    .look_sub_i   (look_page[2:0]),
    .look_asid_i  (look_asid),
    .hit_o        (hit0),
    .pte_o        (pte0),
    .fill_begin_i (fill_begin && fill_level == 2'd0),
    .fill_line_i  (fill_page[25:3]),
    .fill_asid_i  (fill_asid),
    .fill_we_i    (fill_we && fill_we_level == 2'd0),
    .fill_beat_i  (fill_beat),
    .fill_data_i  (fill_data),
    .fill_end_i   (fill_end && fill_we_level == 2'd0),
    .fill_ok_i    (fill_ok),
    .inval_i,
    .inval_all_i,
    .inval_asid_i
  );

  quern_tlb #(.SETS(1), .WAYS(8), .LINE_BITS(14)) i_level1 (
    .clk_i,
    .rst_ni,
    .look_i       (look || look_ahead),
    .look_line_i  (look_page[25:12]),
    .look_sub_i   (look_page[11:9]),
    .look_asid_i  (look_asid),
    .hit_o        (hit1),
    .pte_o        (pte1),
    .fill_begin_i (fill_begin && fill_level == 2'd1),
    .fill_line_i  (fill_page[25:12]),
    .fill_asid_i  (fill_asid),
    .fill_we_i    (fill_we && fill_we_level == 2'd1),
    .fill_beat_i  (fill_beat),
    .fill_data_i  (fill_data),
    .fill_end_i   (fill_end && fill_we_level == 2'd1),
    .fill_ok_i    (fill_ok),
    .inval_i,
    .inval_all_i,
    .inval_asid_i
  );

  quern_tlb #(.SETS(1), .WAYS(4), .LINE_BITS(5)) i_level2 (
    .clk_i,
    .rst_ni,
    .look_i       (look || look_ahead),
    .look_line_i  (look_page[25:21]),
    .look_sub_i   (look_page[20:18]),
    .look_asid_i  (look_asid),
    .hit_o        (hit2),
    .pte_o        (pte2),
    .fill_begin_i (fill_begin && fill_level == 2'd2),
    .fill_line_i  (fill_page[25:21]),
    .fill_asid_i  (fill_asid),
    .fill_we_i    (fill_we && fill_we_level == 2'd2),
    .fill_beat_i  (fill_beat),
    .fill_data_i  (fill_data),
    .fill_end_i   (fill_end && fill_we_level == 2'd2),
    .fill_ok_i    (fill_ok),
    .inval_i,
    .inval_all_i,
    .inval_asid_i
  );

  // Decision

  logic        good0, good1, good2;       // a leaf with the right that is asked for
  logic        s1_client, s1_done, s1_miss, s1_start;
  logic        probe_hit, follow;
  logic        touching_q;     // the walk ahead is one that was asked for
  logic [13:0] touch_area_q;   // ... in this line of level 1
  logic [3:0]  walking;
  logic [7:0]  s1_fault;
  logic [43:0] s1_ppn;
  logic [1:0]  start_level;
  logic [43:0] start_table;

  always_comb begin : decide
    good0       = 1'b0;
    good1       = 1'b0;
    good2       = 1'b0;
    s1_client   = 1'b0;
    s1_done     = 1'b0;
    s1_miss     = 1'b0;
    s1_start    = 1'b0;
    follow      = 1'b0;
    s1_fault    = quern_pkg::FAULT_NONE;
    s1_ppn      = pte0[43:0];
    start_level = 2'd2;
    start_table = {13'd0, s1_table_q};
    if (s1_valid_q) begin
      s1_client = s1_who_q != AHEAD;
      good0     = hit0 && (s1_write_q ? pte0[44] : pte0[45]);
      good1     = hit1 && (s1_write_q ? pte1[44] : pte1[45]);
      good2     = hit2 && (s1_write_q ? pte2[44] : pte2[45]);
      if (s1_client) begin
        if (!s1_root_q)
          s1_fault = quern_pkg::FAULT_ASID;
        else if (s1_high_q)
          s1_fault = quern_pkg::FAULT_PAGE_INVALID;
        s1_done = s1_fault != quern_pkg::FAULT_NONE || good0 || good1 || good2;
        s1_miss = !s1_done;
      end else begin
        s1_miss = s1_root_q && !hit0 && !(hit1 && !pte1[46]) && !walking[AHEAD];
      end
      if (good1)
        s1_ppn = {pte1[43:9], s1_page_q[8:0]};
      if (good2)
        s1_ppn = {pte2[43:18], s1_page_q[17:0]};
      if (hit1 && pte1[46]) begin
        start_level = 2'd0;
        start_table = pte1[43:0];
      end else if (hit2 && pte2[46]) begin
        start_level = 2'd1;
        start_table = pte2[43:0];
      end
      follow   = probe_hit || (s1_client && touching_q && walking[AHEAD] && start_level != 2'd0 && s1_page_q[25:12] == touch_area_q &&
                               s1_asid_q == ahead_asid_q);
      s1_start = s1_miss && !follow;
    end
  end

  // Walks

  logic [1:0]  res_ctx;
  logic        res_stale, res_err, res_leaf, res_r, res_w;
  logic [43:0] res_ppn;

  quern_walker i_walker (
    .clk_i,
    .rst_ni,
    .start_i         (s1_start),
    .start_ctx_i     (s1_who_q),
    .start_level_i   (start_level),
    .start_table_i   (start_table),
    .start_page_i    (s1_page_q),
    .start_asid_i    (s1_asid_q),
    .active_o        (walking),
    .stale_o         (inval_busy_o),
    .probe_line_i    (s1_page_q[25:3]),
    .probe_asid_i    (s1_asid_q),
    .probe_hit_o     (probe_hit),
    .res_valid_o     (res_valid),
    .res_ctx_o       (res_ctx),
    .res_stale_o     (res_stale),
    .res_err_o       (res_err),
    .res_leaf_o      (res_leaf),
    .res_r_o         (res_r),
    .res_w_o         (res_w),
    .res_ppn_o       (res_ppn),
    .fill_begin_o    (fill_begin),
    .fill_level_o    (fill_level),
    .fill_page_o     (fill_page),
    .fill_asid_o     (fill_asid),
    .fill_we_o       (fill_we),
    .fill_we_level_o (fill_we_level),
    .fill_beat_o     (fill_beat),
    .fill_data_o     (fill_data),
    .fill_end_o      (fill_end),
    .fill_ok_o       (fill_ok),
    .inval_i,
    .inval_all_i,
    .inval_asid_i,
    .ar_valid_o,
    .ar_addr_o,
    .ar_len_o,
    .ar_ready_i,
    .r_valid_i,
    .r_data_i,
    .r_last_i,
    .r_err_i
  );

  // Results of walks answer in the cycle after, which the arbiter keeps free of lookups.

  logic        walked_q, walked_err_q, walked_leaf_q, walked_r_q, walked_w_q;
  logic [1:0]  walked_who_q;
  logic [43:0] walked_ppn_q;

  always_ff @(posedge clk_i) begin : walked
    if (!rst_ni) begin
      walked_q <= 1'b0;
    end else if (res_valid) begin
      walked_q      <= res_ctx != AHEAD && !res_stale;
      walked_who_q  <= res_ctx;
      walked_err_q  <= res_err;
      walked_leaf_q <= res_leaf;
      walked_r_q    <= res_r;
      walked_w_q    <= res_w;
      walked_ppn_q  <= res_ppn;
    end else begin
      walked_q <= 1'b0;
    end
  end

  // Answers

  logic [11:0] walked_offset;
  logic        walked_write;

  always_comb begin : answer
    tr_done_o     = 3'd0;
    tr_paddr_o    = {s1_ppn, s1_offset_q};
    tr_fault_o    = s1_fault;
    walked_write  = 1'b0;
    walked_offset = 12'd0;
    if (walked_q) begin
      walked_write            = tr_write_i[walked_who_q];
      walked_offset           = walked_who_q == 2'd0 ? seq_vaddr_i[11:0] :
                                walked_who_q == 2'd1 ? load_vaddr_i[11:0] : store_vaddr_i[11:0];
      tr_done_o[walked_who_q] = 1'b1;
      tr_paddr_o              = {walked_ppn_q, walked_offset};
      tr_fault_o              = walked_err_q                   ? quern_pkg::FAULT_BUS :
                                !walked_leaf_q                 ? quern_pkg::FAULT_PAGE_INVALID :
                                !walked_write && !walked_r_q   ? quern_pkg::FAULT_PAGE_READ :
                                walked_write && !walked_w_q    ? quern_pkg::FAULT_PAGE_WRITE : quern_pkg::FAULT_NONE;
    end else if (s1_done) begin
      tr_done_o[s1_who_q] = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin : clients
    logic [2:0] woken;
    woken = 3'd0;
    if (!rst_ni) begin
      pending_q <= 3'd0;
      retry_q   <= 3'd0;
      follow_q  <= 3'd0;
    end else if (want != 3'd0 || pending_q != 3'd0) begin
      if (look)
        retry_q[who] <= 1'b0;
      pending_q <= (pending_q | ({2'd0, look} << who)) & ~tr_done_o;
      // Those who follow look again after any walk; one whose walk has gone stale, too.
      if (s1_client && s1_miss && follow)
        woken[s1_who_q] = 1'b1;
      if (res_valid) begin
        retry_q  <= retry_q | follow_q | woken | (res_stale && res_ctx != AHEAD ? 3'd1 << res_ctx : 3'd0);
        follow_q <= 3'd0;
      end else begin
        follow_q <= follow_q | woken;
      end
    end
  end

  // Translation ahead of the streams

  logic [26:0] ahead_last_q [0:2];      // {asid, line} asked for last by each client
  logic [2:0]  ahead_seen_q;            // ... since the last invalidation
  logic [22:0] s1_next_line;
  logic        ahead_useful;

  assign s1_next_line = s1_page_q[25:3] + 23'd1;
  assign ahead_useful = s1_client && good0 && s1_root_q && !s1_high_q && s1_page_q[2] && s1_next_line != 23'd0 &&
                        !ahead_q && !walking[AHEAD] &&
                        !(ahead_seen_q[s1_who_q] && ahead_last_q[s1_who_q] == {s1_asid_q, s1_next_line});

  assign touch_ready_o = !ahead_q && !ahead_useful && !walking[AHEAD] && !inval_i && !(s1_valid_q && !s1_client);

  always_ff @(posedge clk_i) begin : ahead
    if (!rst_ni || inval_i) begin
      ahead_q      <= 1'b0;
      ahead_seen_q <= 3'd0;
      touching_q   <= 1'b0;
    end else if (touch_valid_i && touch_ready_o) begin
      ahead_q      <= 1'b1;
      ahead_line_q <= touch_line_i;
      ahead_asid_q <= touch_asid_i;
      touching_q   <= 1'b1;
      touch_area_q <= touch_line_i[22:9];
    end else if (ahead_useful) begin
      touching_q             <= 1'b0;
      ahead_q                <= 1'b1;
      ahead_line_q           <= s1_next_line;
      ahead_asid_q           <= s1_asid_q;
      ahead_seen_q[s1_who_q] <= 1'b1;
      ahead_last_q[s1_who_q] <= {s1_asid_q, s1_next_line};
    end else if (look_ahead) begin
      ahead_q <= 1'b0;
    end
  end

  assign idle_o      = pending_q == 3'd0 && walking == 4'd0 && !ahead_q && !s1_valid_q;
  assign ev_lookup_o = s1_client && s1_first_q;
  assign ev_miss_o   = s1_client && s1_first_q && s1_miss;
  assign ev_walk_o   = walking != 4'd0;

`ifndef SYNTHESIS
  logic [2:0]   held_q;       // asked in the cycle before, not answered
  logic [119:0] address_q;
  logic [3:0]   asid_q;

  always_ff @(posedge clk_i) begin : assertions
    held_q    <= rst_ni ? tr_valid_i & ~tr_done_o : 3'd0;
    address_q <= {store_vaddr_i, load_vaddr_i, seq_vaddr_i};
    asid_q    <= asid_i;
    if (rst_ni) begin
      // A request must not change or be withdrawn before its answer.
      a_hold: assert ((held_q & ~tr_valid_i) == 3'd0);
      a_seq_stable: assert (!held_q[0] || address_q[39:0] == seq_vaddr_i);
      a_load_stable: assert (!held_q[1] || address_q[79:40] == load_vaddr_i);
      a_store_stable: assert (!held_q[2] || address_q[119:80] == store_vaddr_i);
      // The address space must not change under a request.
      a_asid_stable: assert (pending_q == 3'd0 || asid_q == asid_i);
      // An answer must not go to a client that did not ask.
      a_asked: assert ((tr_done_o & ~(tr_valid_i & pending_q)) == 3'd0);
      // A lookup and a walk must not answer in the same cycle.
      a_one_answer: assert (!(walked_q && s1_done));
      // A walk must not start in a busy context.
      a_free: assert (!(s1_start && walking[s1_who_q]));
    end
  end
`endif

endmodule
