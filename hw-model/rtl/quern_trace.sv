// SPDX-License-Identifier: Apache-2.0
//
// Trace ring: the last TRACE_ENTRIES times that a command entered or left an
// engine. Format: TRACE_DATA of the contract. start_i and end_i have one bit an
// engine (load, store, matrix, vector), index_i 24 bits each.
//
// The events of one cycle enter a FIFO as one record; the ring takes one event a
// cycle out of it, so the events stay in order of time. Nothing is lost silently:
// a record that finds the FIFO full is counted in dropped_o, and head_o counts
// what was written only.
//
// re_i reads the entry of index_i; rdata_o is valid in the next cycle and holds.
// Disabling stops recording; what is in the FIFO is still written. clear_i empties
// ring and FIFO.
module quern_trace (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        enable_i,
  input  logic        clear_i,
  output logic        busy_o,          // needs its clock; enable_i does not by itself
  input  logic [31:0] cycle_i,         // cycles since reset, low word

  input  logic [3:0]  start_i,
  input  logic [95:0] start_index_i,
  input  logic [3:0]  end_i,
  input  logic [95:0] end_index_i,

  output logic [31:0] head_o,          // events written
  output logic [15:0] dropped_o,       // records lost, saturating

  input  logic                                     re_i,
  input  logic [$clog2(quern_pkg::TRACE_ENTRIES)-1:0] index_i,
  output logic [63:0]                              rdata_o
);

  localparam int unsigned INDEX_W = $clog2(quern_pkg::TRACE_ENTRIES);

  logic         push, lost, full, pop, valid, empty;
  logic [31:0]  cycle;
  logic [3:0]   starts, ends;
  logic [95:0]  start_index, end_index;

  // A record is gathered in one cycle and queued in the next.
  logic         gather, gathered_q;
  logic [231:0] record_q;

  assign gather = enable_i && (start_i != 4'd0 || end_i != 4'd0);
  assign push   = gathered_q && !full && !clear_i;
  assign lost   = gathered_q && full;
  assign busy_o = gather || gathered_q || !empty;

  always_ff @(posedge clk_i) begin : gather_events
    gathered_q <= rst_ni && gather && !clear_i;
    if (gather)
      record_q <= {cycle_i, start_i, end_i, start_index_i, end_index_i};
  end

  quern_fifo #(.WIDTH(32 + 4 + 4 + 96 + 96), .DEPTH(16)) u_records (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_i (push),
    .wdata_i(record_q),
    .full_o (full),
    .pop_i  (pop),
    .valid_o(valid),
    .rdata_o({cycle, starts, ends, start_index, end_index}),
    .empty_o(empty)
  );

  // The record at the head, event by event: ends before starts, because an engine
  // ends one command before it starts the next.
  logic [7:0]  done_q;      // events of the head that are written
  logic [7:0]  left, this_one;
  logic [27:0] event_word;

  always_comb begin : pick
    left       = '0;
    this_one   = '0;
    event_word = '0;
    if (valid) begin
      left     = {starts, ends} & ~done_q;
      this_one = left & (~left + 8'd1);
      case (this_one)
        8'h01:   event_word = {1'b1, 3'(quern_pkg::UNIT_LOAD), end_index[23:0]};
        8'h02:   event_word = {1'b1, 3'(quern_pkg::UNIT_STORE), end_index[47:24]};
        8'h04:   event_word = {1'b1, 3'(quern_pkg::UNIT_MATRIX), end_index[71:48]};
        8'h08:   event_word = {1'b1, 3'(quern_pkg::UNIT_VECTOR), end_index[95:72]};
        8'h10:   event_word = {1'b0, 3'(quern_pkg::UNIT_LOAD), start_index[23:0]};
        8'h20:   event_word = {1'b0, 3'(quern_pkg::UNIT_STORE), start_index[47:24]};
        8'h40:   event_word = {1'b0, 3'(quern_pkg::UNIT_MATRIX), start_index[71:48]};
        default: event_word = {1'b0, 3'(quern_pkg::UNIT_VECTOR), start_index[95:72]};
      endcase
    end
  end
  assign pop = valid && left == this_one;

  quern_sram_1r1w #(.WIDTH(64), .DEPTH(quern_pkg::TRACE_ENTRIES)) u_ring (
    .clk_i,
    .re_i   (re_i),
    .raddr_i(index_i),
    .rdata_o(rdata_o),
    .we_i   (valid),
    .waddr_i(head_o[INDEX_W-1:0]),
    .wdata_i({4'd0, event_word, cycle})
  );

  always_ff @(posedge clk_i) begin : ring
    if (!rst_ni || clear_i) begin
      head_o    <= '0;
      dropped_o <= '0;
      done_q    <= '0;
    end else if (valid || lost) begin
      if (valid) begin
        head_o <= head_o + 32'd1;
        done_q <= pop ? '0 : done_q | this_one;
      end
      if (lost && dropped_o != '1)
        dropped_o <= dropped_o + 16'd1;
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // A record must not be empty.
    a_event: assert (!rst_ni || !(valid && left == 8'd0));
  end
`endif

endmodule
