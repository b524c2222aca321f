// SPDX-License-Identifier: Apache-2.0
//
// Core DMA: moves up to CDMA_MAX_BYTES between host memory, by untranslated bus
// address, and the TCM, in multiples of 4 bytes at any alignment of 4.
//
// A pulse on start_i takes the request; busy_o is high from the next cycle until
// done_o pulses, with error_o valid from then on. A request that is not legal
// (length, alignment, beyond the TCM, beyond the bus, across 4 KiB of host
// memory) moves nothing and ends with an error, as does an error response.
// start_i while busy is ignored.
//
// A pulse on entry_start_i takes a request from the TCM instead: at word entry_i
// (as it is in the cycle after the pulse) lies {ASID, page, address of 8 bytes}.
// CDMA_MAX_BYTES from that address go to entry_tcm_i (units of 64 bytes); address 0
// moves nothing. touch_o then pulses with page and ASID, for the MMU to walk. So a
// doorbell reads its job while the core still wakes.
//
// Timing: to the TCM, a beat a cycle as it arrives, the transfer is over one
// cycle after the last; to the host, a beat every two cycles. The TCM port is
// never refused. A transfer that starts inside a bus word may touch 17 of them
// and then takes a second burst.
//
// Rejected: a buffer for a whole transfer; the wide TCM port takes each beat as
// it comes.
module quern_cdma (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         start_i,
  input  logic [63:0]  host_i,
  input  logic [31:0]  tcm_i,
  input  logic [11:0]  bytes_i,
  input  logic         to_host_i,
  input  logic         entry_start_i,
  input  logic [13:0]  entry_i,
  input  logic [9:0]   entry_tcm_i,
  output logic         touch_o,
  output logic [22:0]  touch_line_o,
  output logic [3:0]   touch_asid_o,
  output logic         busy_o,
  output logic         done_o,
  output logic         error_o,

  // Data port of the TCM
  output logic [3:0]   tcm_words_o,
  output logic [13:0]  tcm_addr_o,
  output logic [15:0]  tcm_be_o,
  output logic [127:0] tcm_wdata_o,
  input  logic [127:0] tcm_rdata_i,

  // Bus client
  output logic         ar_valid_o,
  output logic [55:0]  ar_addr_o,
  output logic [7:0]   ar_len_o,
  input  logic         ar_ready_i,
  input  logic         r_valid_i,
  input  logic [127:0] r_data_i,
  input  logic         r_err_i,
  output logic         aw_valid_o,
  output logic [55:0]  aw_addr_o,
  output logic [7:0]   aw_len_o,
  input  logic         aw_ready_i,
  output logic         w_valid_o,
  output logic [127:0] w_data_o,
  output logic [15:0]  w_strb_o,
  output logic         w_last_o,
  input  logic         w_ready_i,
  input  logic         b_valid_i,
  input  logic         b_err_i
);

  localparam logic [11:0] MAX_BYTES = 12'(quern_pkg::CDMA_MAX_BYTES);

  // Request, by the registers or by an entry in the TCM

  logic        entry_read_q, entry_here_q;   // the entry is being read; it is on the port
  logic        none, legal, accept;          // none: the entry is empty
  logic [63:0] host;
  logic [31:0] tcm;
  logic [11:0] bytes;
  logic [6:0]  span;          // words from the start of the first bus word to the end of the transfer

  always_ff @(posedge clk_i) begin : entry
    if (!rst_ni) begin
      entry_read_q <= 1'b0;
      entry_here_q <= 1'b0;
    end else if (entry_start_i || entry_read_q || entry_here_q) begin
      entry_read_q <= entry_start_i && !busy_o;
      entry_here_q <= entry_read_q;
    end
  end

  assign host   = entry_here_q ? tcm_rdata_i[63:0] : host_i;
  assign tcm    = entry_here_q ? {16'd0, entry_tcm_i, 6'd0} : tcm_i;
  assign bytes  = entry_here_q ? MAX_BYTES : bytes_i;
  assign legal  = bytes[1:0] == 2'd0 && bytes <= MAX_BYTES && host[1:0] == 2'd0 && tcm[1:0] == 2'd0 && host[63:56] == 8'd0 &&
                  13'(host[11:0]) + 13'(bytes) <= 13'd4096 && tcm <= quern_pkg::TCM_BYTES - 32'(bytes);
  assign none   = entry_here_q && host == 64'd0;
  assign accept = (start_i && !busy_o && bytes_i != 12'd0) || entry_here_q;
  assign span   = bytes[8:2] + {5'd0, host[3:2]};

  assign touch_o      = entry_here_q && !none;
  assign touch_line_o = tcm_rdata_i[89:67];
  assign touch_asid_o = tcm_rdata_i[99:96];

  // Transfer. Words are counted from the start of the first bus word; the first skip_q of them are not part of it.

  logic        to_host_q;
  logic [55:0] addr_q;        // of the next burst
  logic        ask_q;         // a burst is to be asked for
  logic        second_q;      // ... and then another one, of one beat
  logic [3:0]  len_q;
  logic [1:0]  skip_q;        // words to skip in the next beat
  logic [6:0]  left_q;        // words up to the end, skip included, 0: no beat left
  logic [13:0] word_q;        // TCM word of word 0 of the next beat
  logic [3:0]  beat_q;        // beats to the end of the burst, less 1
  logic [1:0]  bursts_q;      // bursts without their last beat (reads) or response (writes)

  logic [3:0]  words;         // words of the next beat that are part of the transfer
  logic        step;          // the next beat passes the TCM port
  logic        ask_taken;
  logic        read_pending_q;
  logic        w_valid_q;
  logic        finish;

  always_comb begin : word_mask
    words = 4'd0;
    if (busy_o && left_q != 7'd0) begin
      words[0] = skip_q == 2'd0;
      words[1] = skip_q <= 2'd1 && left_q > 7'd1;
      words[2] = skip_q <= 2'd2 && left_q > 7'd2;
      words[3] = left_q > 7'd3;
    end
  end

  assign step      = busy_o && (to_host_q ? left_q != 7'd0 && !read_pending_q && (!w_valid_q || w_ready_i) : r_valid_i);
  assign ask_taken = ask_q && (to_host_q ? aw_ready_i : ar_ready_i);
  assign finish    = bursts_q == 2'd1 && (to_host_q ? b_valid_i : r_valid_i && left_q <= 7'd4);

  always_ff @(posedge clk_i) begin : request
    done_o <= 1'b0;
    if (!rst_ni) begin
      busy_o   <= 1'b0;
      error_o  <= 1'b0;
      ask_q    <= 1'b0;
      bursts_q <= 2'd0;
    end else if (entry_start_i && !busy_o) begin
      busy_o  <= 1'b1;
      error_o <= 1'b0;
    end else if (accept) begin
      busy_o    <= legal && !none;
      done_o    <= !legal || none;
      error_o   <= !legal || none;
      to_host_q <= to_host_i && !entry_here_q;
      addr_q    <= {host[55:4], 4'd0};
      ask_q     <= legal && !none;
      second_q  <= span > 7'd64;
      len_q     <= span > 7'd64 ? 4'd15 : 4'((span - 7'd1) >> 2);
      bursts_q  <= span > 7'd64 ? 2'd2 : 2'd1;
    end else if (busy_o) begin
      if (ask_taken) begin
        ask_q    <= second_q;
        second_q <= 1'b0;
        len_q    <= 4'd0;
        addr_q   <= addr_q + 56'd256;
      end
      if (to_host_q ? b_valid_i : r_valid_i && beat_q == 4'd0)
        bursts_q <= bursts_q - 2'd1;
      if (to_host_q ? b_valid_i && b_err_i : r_valid_i && r_err_i)
        error_o <= 1'b1;
      if (finish) begin
        busy_o <= 1'b0;
        done_o <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin : beats
    if (accept) begin
      skip_q <= host[3:2];
      left_q <= span;
      word_q <= tcm[15:2] - {12'd0, host[3:2]};
      beat_q <= span > 7'd64 ? 4'd15 : 4'((span - 7'd1) >> 2);
    end else if (step) begin
      skip_q <= 2'd0;
      left_q <= left_q <= 7'd4 ? 7'd0 : left_q - 7'd4;
      word_q <= word_q + 14'd4;
      beat_q <= beat_q - 4'd1;    // wraps to the second burst, whose only beat finds left_q at its end
    end
  end

  // TCM port

  assign tcm_addr_o  = entry_read_q ? entry_i : word_q;
  assign tcm_wdata_o = r_data_i;
  assign tcm_words_o = entry_read_q ? 4'hf : step && (to_host_q || !(r_err_i || error_o)) ? words : 4'd0;
  assign tcm_be_o    = to_host_q || entry_read_q ? 16'd0 : {{4{tcm_words_o[3]}}, {4{tcm_words_o[2]}}, {4{tcm_words_o[1]}},
                                            {4{tcm_words_o[0]}}};

  // To the host: one beat waits for the bus while the next is read.

  logic [3:0] read_words_q;
  logic       read_last_q;

  always_ff @(posedge clk_i) begin : write_beats
    if (!rst_ni) begin
      read_pending_q <= 1'b0;
      w_valid_q      <= 1'b0;
    end else if (busy_o && to_host_q) begin
      read_pending_q <= step;
      if (step) begin
        read_words_q <= words;
        read_last_q  <= beat_q == 4'd0 || left_q <= 7'd4;
      end
      if (read_pending_q) begin
        w_valid_q <= 1'b1;
        w_data_o  <= tcm_rdata_i;
        w_strb_o  <= {{4{read_words_q[3]}}, {4{read_words_q[2]}}, {4{read_words_q[1]}}, {4{read_words_q[0]}}};
        w_last_o  <= read_last_q;
      end else if (w_ready_i) begin
        w_valid_q <= 1'b0;
      end
    end
  end

  assign ar_valid_o = ask_q && !to_host_q;
  assign ar_addr_o  = addr_q;
  assign ar_len_o   = {4'd0, len_q};
  assign aw_valid_o = ask_q && to_host_q;
  assign aw_addr_o  = addr_q;
  assign aw_len_o   = {4'd0, len_q};
  assign w_valid_o  = w_valid_q;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    if (rst_ni) begin
      // Core and doorbell must not ask at once: the core disarms the doorbell first.
      a_one_request: assert (!(start_i && (entry_start_i || entry_read_q || entry_here_q)));
      // Data must not come when none is asked for.
      a_asked: assert (!(r_valid_i && (!busy_o || to_host_q || left_q == 7'd0)));
      // A beat read from the TCM must not overwrite one that the bus has not taken.
      a_no_overrun: assert (!(read_pending_q && w_valid_q && !w_ready_i));
      // The TCM must not be written by a transfer to the host, or after an error.
      a_tcm_write: assert (tcm_be_o == 16'd0 || (busy_o && !to_host_q && !error_o));
      // A transfer must not end with beats left.
      a_complete: assert (!(busy_o && finish && left_q > 7'd4));
    end
  end
`endif

endmodule
