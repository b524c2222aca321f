// SPDX-License-Identifier: Apache-2.0
//
// Page table walker: up to CTXS walks at a time, one per context, each reading
// the 64-byte line of a PTE at each level and filling the caches with it.
//
// start_i begins a walk in a free context at start_level_i (2 is the root), in the
// table with page number start_table_i. The walk ends with a pulse on res_valid_o:
//   res_stale_o  the address space was invalidated meanwhile; nothing was learnt
//   res_err_o    the bus answered with an error
//   otherwise    res_leaf_o with rights and page number of the 4 KiB page, or no
//                valid translation
// Page table format: Sv39 of the RISC-V privileged specification. A leaf needs V, U
// and A, and D to be writable; set reserved bits, W without R, a misaligned large
// page and a pointer at level 0 make a PTE invalid.
//
// probe_*: whether a walk for a 32 KiB line (level 0) of an address space is under way.
// Fills: see quern_tlb; fill_level_o names the cache.
//
// Timing: the bus's latency and 4 beats for each level, and two cycles. Answers of
// the bus come in order, so that a queue of context numbers tells whose they are.
//
// Rejected: one walk at a time. A walk for the store engine would wait for one of
// the load engine, and prefetches would delay both.
module quern_walker (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         start_i,
  input  logic [1:0]   start_ctx_i,
  input  logic [1:0]   start_level_i,
  input  logic [43:0]  start_table_i,
  input  logic [25:0]  start_page_i,     // virtual address bits 37:12
  input  logic [3:0]   start_asid_i,
  output logic [3:0]   active_o,         // contexts that walk
  output logic         stale_o,          // one of them reads tables that are invalidated

  input  logic [22:0]  probe_line_i,
  input  logic [3:0]   probe_asid_i,
  output logic         probe_hit_o,

  output logic         res_valid_o,
  output logic [1:0]   res_ctx_o,
  output logic         res_stale_o,
  output logic         res_err_o,
  output logic         res_leaf_o,
  output logic         res_r_o,
  output logic         res_w_o,
  output logic [43:0]  res_ppn_o,

  output logic         fill_begin_o,
  output logic [1:0]   fill_level_o,     // of begin
  output logic [25:0]  fill_page_o,
  output logic [3:0]   fill_asid_o,
  output logic         fill_we_o,
  output logic [1:0]   fill_we_level_o,  // of we and end
  output logic [1:0]   fill_beat_o,
  output logic [93:0]  fill_data_o,
  output logic         fill_end_o,
  output logic         fill_ok_o,

  input  logic         inval_i,
  input  logic         inval_all_i,
  input  logic [3:0]   inval_asid_i,

  output logic         ar_valid_o,
  output logic [55:0]  ar_addr_o,
  output logic [7:0]   ar_len_o,
  input  logic         ar_ready_i,
  input  logic         r_valid_i,
  input  logic [127:0] r_data_i,
  input  logic         r_last_i,
  input  logic         r_err_i
);

  localparam int unsigned CTXS = 4;
  localparam logic [1:0] BEATS_LAST = 2'd3;   // 64 bytes in beats of 16

  // {leaf, ptr, r, w, ppn} of a PTE at a level
  // G and the software bits of a PTE mean nothing here.
  // verilator lint_off UNUSEDSIGNAL
  function automatic logic [47:0] decode(input logic [63:0] pte, input logic [1:0] level);
    logic valid, leaf, ptr, aligned;
    // V, no reserved high bits, not W without R
    valid   = pte[0] && pte[63:54] == 10'd0 && (pte[1] || !pte[2]);
    leaf    = valid && pte[3:1] != 3'd0;
    aligned = (level == 2'd0 || pte[18:10] == 9'd0) && (level != 2'd2 || pte[27:19] == 9'd0);
    leaf    = leaf && pte[4] && pte[6] && aligned;
    ptr     = valid && pte[3:1] == 3'd0 && !pte[4] && pte[7:6] == 2'd0 && level != 2'd0;
    decode  = {leaf, ptr, leaf && pte[1], leaf && pte[2] && pte[7], pte[53:10]};
  endfunction
  // verilator lint_on UNUSEDSIGNAL

  // Line of a page's PTE in the table of a level, and PTE in the line: each takes its part of the number.
  // verilator lint_off UNUSEDSIGNAL
  function automatic logic [5:0] line_of(input logic [25:0] page, input logic [1:0] level);
    line_of = level == 2'd0 ? page[8:3] : level == 2'd1 ? page[17:12] : {1'b0, page[25:21]};
  endfunction

  function automatic logic [2:0] sub_of(input logic [25:0] page, input logic [1:0] level);
    sub_of = level == 2'd0 ? page[2:0] : level == 2'd1 ? page[11:9] : page[20:18];
  endfunction
  // verilator lint_on UNUSEDSIGNAL

  // Contexts

  logic [3:0]  active_q, ask_q, stale_q;
  logic [1:0]  level_q [0:CTXS-1];
  logic [43:0] table_q [0:CTXS-1];
  logic [25:0] page_q [0:CTXS-1];
  logic [3:0]  asid_q [0:CTXS-1];

  logic [3:0]  inval_hit;      // contexts whose address space is being invalidated

  always_comb begin : invalidated
    int unsigned c;
    c         = 0;
    inval_hit = 4'd0;
    if (inval_i)
      for (c = 0; c < CTXS; c = c + 1)
        inval_hit[c] = inval_all_i || asid_q[c] == inval_asid_i;
  end

  always_comb begin : probe
    int unsigned c;
    c           = 0;
    probe_hit_o = 1'b0;
    if (active_q != 4'd0)
      for (c = 0; c < CTXS; c = c + 1)
        if (active_q[c] && asid_q[c] == probe_asid_i && page_q[c][25:3] == probe_line_i)
          probe_hit_o = 1'b1;
  end

  assign active_o = active_q;
  assign stale_o  = (active_q & stale_q) != 4'd0;

  // Requests to the bus, lowest context first

  logic [1:0] ask_ctx;
  logic       ask_take;

  always_comb begin : ask
    ask_ctx   = 2'd0;
    ar_addr_o = 56'd0;
    if (ask_q != 4'd0) begin
      ask_ctx   = ask_q[0] ? 2'd0 : ask_q[1] ? 2'd1 : ask_q[2] ? 2'd2 : 2'd3;
      ar_addr_o = {table_q[ask_ctx], line_of(page_q[ask_ctx], level_q[ask_ctx]), 6'd0};
    end
  end

  assign ar_valid_o = ask_q != 4'd0;
  assign ar_len_o   = {6'd0, BEATS_LAST};
  assign ask_take   = ar_valid_o && ar_ready_i;

  // Contexts in the order of their requests, oldest lowest

  logic [7:0] order_q;
  logic [2:0] waiting_q;
  logic [1:0] head;
  logic       answered;

  assign head     = order_q[1:0];
  assign answered = r_valid_i && r_last_i;

  always_ff @(posedge clk_i) begin : order
    logic [7:0] left;
    logic [2:0] count;
    if (!rst_ni) begin
      waiting_q <= 3'd0;
    end else if (ask_take || answered) begin
      left  = answered ? order_q >> 2 : order_q;
      count = answered ? waiting_q - 3'd1 : waiting_q;
      if (ask_take)
        left[2 * count[1:0] +: 2] = ask_ctx;
      order_q   <= left;
      waiting_q <= ask_take ? count + 3'd1 : count;
    end
  end

  // First stage: a beat arrives and is decoded

  logic        beat_valid_q, beat_last_q, error_q;
  logic [1:0]  beat_q, beat_count_q;
  logic [1:0]  beat_ctx_q, beat_level_q;
  logic [47:0] lo_q, hi_q;

  assign fill_begin_o = r_valid_i && beat_count_q == 2'd0;
  assign fill_level_o = level_q[head];
  assign fill_page_o  = page_q[head];
  assign fill_asid_o  = asid_q[head];

  always_ff @(posedge clk_i) begin : arrive
    if (!rst_ni) begin
      beat_valid_q <= 1'b0;
      beat_count_q <= 2'd0;
    end else if (r_valid_i) begin
      beat_valid_q <= 1'b1;
      beat_count_q <= beat_count_q + 2'd1;
      beat_q       <= beat_count_q;
      beat_last_q  <= r_last_i;
      beat_ctx_q   <= head;
      beat_level_q <= level_q[head];
      error_q      <= r_err_i || (error_q && beat_count_q != 2'd0);
      lo_q         <= decode(r_data_i[63:0], level_q[head]);
      hi_q         <= decode(r_data_i[127:64], level_q[head]);
    end else begin
      beat_valid_q <= 1'b0;
    end
  end

  // Second stage: fill, and go on with the walk after the last beat

  logic [47:0] chosen_q, chosen;    // the PTE of the page
  logic [2:0]  sub;                 // ... in its line
  logic        finish, next_level, stale;

  assign sub = sub_of(page_q[beat_ctx_q], beat_level_q);

  always_comb begin : choose
    chosen = chosen_q;
    if (beat_valid_q && beat_q == sub[2:1])
      chosen = sub[0] ? hi_q : lo_q;
  end

  assign finish     = beat_valid_q && beat_last_q;
  assign stale      = stale_q[beat_ctx_q] || inval_hit[beat_ctx_q];
  assign next_level = finish && !stale && !error_q && chosen[46];

  assign fill_we_o       = beat_valid_q;
  assign fill_we_level_o = beat_level_q;
  assign fill_beat_o     = beat_q;
  assign fill_data_o     = {hi_q[46:0], lo_q[46:0]};
  assign fill_end_o      = finish;
  assign fill_ok_o       = !stale && !error_q;

  assign res_valid_o = finish && !next_level;
  assign res_ctx_o   = beat_ctx_q;
  assign res_stale_o = stale;
  assign res_err_o   = error_q;
  assign res_leaf_o  = chosen[47];
  assign res_r_o     = chosen[45];
  assign res_w_o     = chosen[44];

  // A large page's number is completed from the virtual address.
  always_comb begin : page_number
    res_ppn_o = chosen[43:0];
    if (beat_level_q != 2'd0)
      res_ppn_o[8:0] = page_q[beat_ctx_q][8:0];
    if (beat_level_q == 2'd2)
      res_ppn_o[17:9] = page_q[beat_ctx_q][17:9];
  end

  always_ff @(posedge clk_i) begin : select
    if (beat_valid_q)
      chosen_q <= chosen;
  end

  always_ff @(posedge clk_i) begin : contexts
    if (!rst_ni) begin
      active_q <= 4'd0;
      ask_q    <= 4'd0;
      stale_q  <= 4'd0;
    end else if (start_i || active_q != 4'd0) begin
      if (inval_i)
        stale_q <= stale_q | inval_hit;
      if (ask_take)
        ask_q[ask_ctx] <= 1'b0;
      if (next_level) begin
        ask_q[beat_ctx_q]   <= 1'b1;
        level_q[beat_ctx_q] <= beat_level_q - 2'd1;
        table_q[beat_ctx_q] <= chosen[43:0];
      end
      if (res_valid_o)
        active_q[beat_ctx_q] <= 1'b0;
      if (start_i) begin
        active_q[start_ctx_i] <= 1'b1;
        ask_q[start_ctx_i]    <= 1'b1;
        // What the start is based on was read before the invalidation.
        stale_q[start_ctx_i]  <= inval_i && (inval_all_i || start_asid_i == inval_asid_i);
        level_q[start_ctx_i]  <= start_level_i;
        table_q[start_ctx_i]  <= start_table_i;
        page_q[start_ctx_i]   <= start_page_i;
        asid_q[start_ctx_i]   <= start_asid_i;
      end
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    if (rst_ni) begin
      // A walk must not start in a context that walks.
      a_start_free: assert (!start_i || !active_q[start_ctx_i]);
      // An answer must not come without a request, and must be a whole line.
      a_answer: assert (!r_valid_i || (waiting_q != 3'd0 && r_last_i == (beat_count_q == BEATS_LAST)));
      // A context must not ask while it waits for an answer.
      a_ask: assert ((ask_q & ~active_q) == 4'd0);
      // A walk must not go below level 0.
      a_level: assert (!next_level || beat_level_q != 2'd0);
      // A walk that was overtaken by an invalidation must not leave anything behind.
      a_stale: assert (!(stale && fill_end_o && fill_ok_o));
    end
  end
`endif

endmodule
