// SPDX-License-Identifier: Apache-2.0
//
// Byte aligner of the DMA engines. A run of len bytes begins at byte src_off of
// the first source word and goes to byte dst_off of the first destination word;
// words have 16 bytes on both sides. The load engine puts bus beats in and takes
// scratchpad chunks out, the store engine the reverse.
//
// start_i takes a run; it may coincide with the handshake of the last word of
// the run before (free_o says when). Source words are taken with src_pop_o when
// they are needed; dst_valid_o offers a word and holds it until dst_ready_i. One
// word a cycle, plus one cycle at the start of a run that lies further into its
// source word than into its destination word and does not end in the first.
//
// The distance between the two sides is constant over a run, so one funnel shift
// over {newest, previous} source word makes every destination word.
module quern_align (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,

  input  logic         start_i,
  input  logic [3:0]   src_off_i,
  input  logic [3:0]   dst_off_i,
  input  logic [23:0]  len_i,       // bytes, at least 1
  output logic         free_o,

  input  logic         src_valid_i,
  input  logic [127:0] src_data_i,
  output logic         src_pop_o,

  output logic         dst_valid_o,
  output logic [127:0] dst_data_o,
  output logic [15:0]  dst_be_o,
  output logic         dst_last_o,  // last word of the run
  input  logic         dst_ready_i
);

  logic         busy_q;
  logic [23:0]  left_q;    // bytes
  logic [3:0]   dst_q;     // first byte lane of the next word
  logic [3:0]   shift_q;   // bytes to shift right
  logic         lead_q;    // the first word needs two source words
  logic         have_q;    // prev_q holds the source word before the newest
  logic [127:0] prev_q;

  logic [4:0]   room, take, top;
  logic         need, prime;

  always_comb begin : step
    room        = 5'd16 - {1'b0, dst_q};
    take        = left_q < 24'(room) ? left_q[4:0] : room;
    top         = {1'b0, dst_q} + take;
    need        = 1'b0;
    prime       = 1'b0;
    dst_valid_o = 1'b0;
    dst_data_o  = src_data_i;
    dst_be_o    = '0;
    dst_last_o  = 1'b0;
    if (busy_q) begin
      // Lanes from 16 - shift up come from the newest source word.
      need        = shift_q == 0 || !have_q || top > 5'd16 - {1'b0, shift_q};
      prime       = lead_q && !have_q && top > 5'd16 - {1'b0, shift_q};
      dst_valid_o = !prime && (!need || src_valid_i);
      dst_last_o  = left_q == 24'(take);
      dst_be_o    = 16'((17'd1 << top) - (17'd1 << dst_q));
      if (shift_q != 0 && dst_valid_o)
        dst_data_o = 128'({src_data_i, have_q ? prev_q : src_data_i} >> {shift_q, 3'd0});
    end
  end

  assign src_pop_o = need && src_valid_i && (prime || dst_ready_i);
  assign free_o    = !busy_q || (dst_valid_o && dst_ready_i && dst_last_o);

  always_ff @(posedge clk_i) begin : state
    if (!rst_ni || clear_i) begin
      busy_q <= 1'b0;
    end else if (start_i) begin
      busy_q  <= 1'b1;
      left_q  <= len_i;
      dst_q   <= dst_off_i;
      shift_q <= src_off_i - dst_off_i;
      lead_q  <= src_off_i > dst_off_i;
      have_q  <= 1'b0;
    end else if (busy_q) begin
      if (src_pop_o) begin
        have_q <= 1'b1;
        if (shift_q != 0)
          prev_q <= src_data_i;
      end
      if (dst_valid_o && dst_ready_i) begin
        left_q <= left_q - 24'(take);
        dst_q  <= 4'd0;
        busy_q <= !dst_last_o;
      end
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // A run must not start over one that is still going.
    a_start_free: assert (!rst_ni || clear_i || !(start_i && !free_o));
    // A run must not be empty.
    a_len: assert (!rst_ni || !(start_i && len_i == 0));
  end
`endif

endmodule
