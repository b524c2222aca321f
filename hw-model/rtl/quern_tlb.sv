// SPDX-License-Identifier: Apache-2.0
//
// Sectored translation cache of one page table level: an entry is one 64-byte
// line of eight neighbouring PTEs, tagged with its ASID and the virtual address
// bits above the line. At level 0 it is the TLB; at the upper levels it is both
// the walk cache (pointers) and the TLB of large pages (leaves).
//
// A PTE is kept as {ptr, r, w, ppn[43:0]}: pointer to the next level, or leaf with
// the rights to read and to write. All three zero: nothing usable, the reader
// walks. So an entry made valid in memory later is found without invalidation.
//
// Lookup: look_i with address and ASID; hit_o and pte_o in the next cycle.
// Fill: fill_begin_i with address and ASID chooses and empties an entry, the
// fill_we_i beats carry two PTEs each, fill_end_i with fill_ok_i makes it visible.
// A new fill may begin in the cycle in which the last one ends.
// Replacement: the entry of the same line if there is one, then an empty one,
// then first in first out within the set, sparing the way hit last.
// Invalidation takes one cycle. Lookup and invalidation must not coincide.
//
// Rejected: one PTE an entry, which makes a stream over scattered 4 KiB pages walk
// eight times as often; full associativity at level 0, whose comparators cost
// more than the misses they avoid.
module quern_tlb #(
  parameter int unsigned SETS = 16,
  parameter int unsigned WAYS = 4,
  parameter int unsigned LINE_BITS = 23       // virtual address bits above the line
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 look_i,
  input  logic [LINE_BITS-1:0] look_line_i,
  input  logic [2:0]           look_sub_i,    // PTE within the line
  input  logic [3:0]           look_asid_i,
  output logic                 hit_o,
  output logic [46:0]          pte_o,

  input  logic                 fill_begin_i,
  input  logic [LINE_BITS-1:0] fill_line_i,
  input  logic [3:0]           fill_asid_i,
  input  logic                 fill_we_i,
  input  logic [1:0]           fill_beat_i,
  input  logic [93:0]          fill_data_i,
  input  logic                 fill_end_i,
  input  logic                 fill_ok_i,

  input  logic                 inval_i,
  input  logic                 inval_all_i,
  input  logic [3:0]           inval_asid_i
);

  localparam int unsigned ENTRIES = SETS * WAYS;
  localparam int unsigned ENTRY_BITS = $clog2(ENTRIES);
  localparam int unsigned SET_BITS = SETS > 1 ? $clog2(SETS) : 1;
  localparam int unsigned WAY_BITS = $clog2(WAYS);
  localparam int unsigned TAG_BITS = LINE_BITS + 4;

  logic [ENTRIES-1:0]    valid_q;
  logic [TAG_BITS-1:0]   tag_q [0:ENTRIES-1];   // {asid, line}

  // Spreads neighbouring lines and the streams of different address spaces over the sets.
  function automatic logic [SET_BITS-1:0] set_of(input logic [LINE_BITS-1:0] line, input logic [3:0] asid);
    set_of = SET_BITS'((32'(line) ^ (32'(line) >> 4) ^ 32'(asid)) & (SETS - 1));
  endfunction

  function automatic logic [ENTRY_BITS-1:0] entry_of(input logic [SET_BITS-1:0] set, input logic [WAY_BITS-1:0] way);
    entry_of = ENTRY_BITS'({set, way});
  endfunction

  // Lookup

  logic                  hit;
  logic [ENTRY_BITS-1:0] hit_entry;
  logic [93:0]           pair;
  logic                  odd_q;

  always_comb begin : match
    int unsigned           w;
    logic [ENTRY_BITS-1:0] entry;
    w         = 0;
    entry     = '0;
    hit       = 1'b0;
    hit_entry = '0;
    if (look_i)
      for (w = 0; w < WAYS; w = w + 1) begin
        entry = entry_of(set_of(look_line_i, look_asid_i), WAY_BITS'(w));
        if (valid_q[entry] && tag_q[entry] == {look_asid_i, look_line_i}) begin
          hit       = 1'b1;
          hit_entry = entry;
        end
      end
  end

  always_ff @(posedge clk_i) begin : lookup
    if (look_i) begin
      hit_o <= hit;
      odd_q <= look_sub_i[0];
    end
  end

  assign pte_o = odd_q ? pair[93:47] : pair[46:0];

  // Fill

  logic                  fill_active_q;
  logic [ENTRY_BITS-1:0] fill_entry_q;
  logic [ENTRY_BITS-1:0] last_hit_q;
  logic [WAY_BITS-1:0]   next_q [0:SETS-1];     // way to replace next, of each set
  logic [SET_BITS-1:0]   fill_set;
  logic [WAY_BITS-1:0]   victim_way;
  logic [ENTRY_BITS-1:0] victim;

  assign victim = entry_of(fill_set, victim_way);

  // In rising order of preference: the way in turn (or the one after it, if that was hit last or is being filled), an
  // empty one, the line's own.
  always_comb begin : choose
    int unsigned           w;
    logic [ENTRY_BITS-1:0] entry;
    logic                  filling;
    w          = 0;
    entry      = '0;
    filling    = 1'b0;
    fill_set   = '0;
    victim_way = '0;
    if (fill_begin_i) begin
      fill_set   = set_of(fill_line_i, fill_asid_i);
      victim_way = next_q[fill_set];
      entry      = entry_of(fill_set, victim_way);
      if ((fill_active_q && fill_entry_q == entry) || last_hit_q == entry)
        victim_way = victim_way + 1'b1;
      entry = entry_of(fill_set, victim_way);
      if (fill_active_q && fill_entry_q == entry)
        victim_way = victim_way + 1'b1;
      for (w = 0; w < WAYS; w = w + 1) begin
        entry   = entry_of(fill_set, WAY_BITS'(w));
        filling = fill_active_q && fill_entry_q == entry;
        if (!valid_q[entry] && !filling)
          victim_way = WAY_BITS'(w);
      end
      for (w = 0; w < WAYS; w = w + 1) begin
        entry   = entry_of(fill_set, WAY_BITS'(w));
        filling = fill_active_q && fill_entry_q == entry;
        if ((valid_q[entry] || filling) && tag_q[entry] == {fill_asid_i, fill_line_i})
          victim_way = WAY_BITS'(w);
      end
    end
  end

  always_ff @(posedge clk_i) begin : entries
    int unsigned e;
    e = 0;
    if (!rst_ni) begin
      valid_q       <= '0;
      fill_active_q <= 1'b0;
      last_hit_q    <= '0;
      for (e = 0; e < SETS; e = e + 1)
        next_q[e] <= '0;
    end else begin
      if (look_i && hit)
        last_hit_q <= hit_entry;
      if (fill_end_i) begin
        valid_q[fill_entry_q] <= fill_ok_i;
        fill_active_q         <= 1'b0;
      end
      if (inval_i) begin
        for (e = 0; e < ENTRIES; e = e + 1)
          if (inval_all_i || tag_q[e][TAG_BITS-1:LINE_BITS] == inval_asid_i)
            valid_q[e] <= 1'b0;
      end
      if (fill_begin_i) begin
        valid_q[victim]  <= 1'b0;
        tag_q[victim]    <= {fill_asid_i, fill_line_i};
        fill_entry_q     <= victim;
        fill_active_q    <= 1'b1;
        next_q[fill_set] <= victim_way + 1'b1;
      end
    end
  end

  quern_sram_1r1w #(.WIDTH(94), .DEPTH(ENTRIES * 4)) i_ptes (
    .clk_i,
    .re_i    (look_i && hit),
    .raddr_i ({hit_entry, look_sub_i[2:1]}),
    .rdata_o (pair),
    .we_i    (fill_we_i),
    .waddr_i ({fill_entry_q, fill_beat_i}),
    .wdata_i (fill_data_i)
  );

`ifndef SYNTHESIS
  logic [3:0] owner_q [0:ENTRIES-1];   // ASID whose tables the entry was read from

  always_ff @(posedge clk_i) begin : assertions
    if (fill_begin_i)
      owner_q[victim] <= fill_asid_i;
    if (rst_ni) begin
      // An entry must not hit for another ASID than the one it was filled for.
      a_asid: assert (!(look_i && hit) || owner_q[hit_entry] == look_asid_i);
      // An entry must not hit while it is being filled.
      a_no_partial: assert (!(look_i && hit && fill_active_q && hit_entry == fill_entry_q));
      // Lookup and invalidation must not coincide.
      a_inval_alone: assert (!(look_i && inval_i));
      // Data must not arrive outside a fill.
      a_fill_active: assert (fill_active_q || !(fill_we_i || fill_end_i));
      // A fill must not become visible with a stale result.
      a_fill_inval: assert (!(fill_end_i && fill_ok_i && inval_i && (inval_all_i ||
                              tag_q[fill_entry_q][TAG_BITS-1:LINE_BITS] == inval_asid_i)));
    end
  end
`endif

endmodule
