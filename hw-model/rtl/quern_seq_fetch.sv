// SPDX-License-Identifier: Apache-2.0
//
// Fetches the command stream of a job and offers one command after the other.
//
// start_i takes the stream; the first translation is asked for in the next cycle.
// Bursts have up to 4 commands and end at multiples of 256 bytes, so they never
// cross 4 KiB; up to 16 commands are buffered or on their way. A command leaves
// by take_i; one every four cycles, the rate of the bus.
//
// Faults (translation, bus) wait until the commands before them are taken, because
// the stream may END before the place that was fetched ahead: fault_o is a level
// with index_o the command that could not be fetched. end_o: there is no command
// left. While stop_i is high nothing new is asked for; idle_o says that nothing
// is on its way.
module quern_seq_fetch (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         start_i,
  // verilator lint_off UNUSEDSIGNAL
  input  logic [39:0]  stream_i,   // bytes; low 6 bits are ignored
  // verilator lint_on UNUSEDSIGNAL
  input  logic [22:0]  first_i,
  input  logic [22:0]  ncmds_i,
  input  logic         stop_i,
  output logic         idle_o,

  output logic         tr_valid_o,
  output logic [39:0]  tr_vaddr_o,
  input  logic         tr_done_i,
  // verilator lint_off UNUSEDSIGNAL
  input  logic [55:0]  tr_paddr_i,   // a command is aligned, its low 6 bits are zero
  // verilator lint_on UNUSEDSIGNAL
  input  logic [7:0]   tr_fault_i,

  output logic         ar_valid_o,
  output logic [55:0]  ar_addr_o,
  output logic [7:0]   ar_len_o,
  input  logic         ar_ready_i,
  input  logic         r_valid_i,
  input  logic [127:0] r_data_i,
  input  logic         r_err_i,

  output logic         valid_o,
  output logic [511:0] cmd_o,
  output logic [23:0]  index_o,    // of the command offered, or of the next one
  input  logic         take_i,
  output logic         end_o,
  output logic         fault_o,
  output logic [7:0]   fault_kind_o,
  output logic [39:0]  fault_addr_o
);

  localparam int unsigned BEATS = 64;

  logic        active_q;
  logic [39:6] base_q, vaddr_q;        // of the stream; of the next burst
  logic [22:0] left_q;                 // commands not yet asked for
  logic [23:0] index_q, end_q;
  logic [6:0]  reserved_q, flight_q;   // beats asked for: not yet in a command; not yet arrived
  logic        ar_valid_q;
  logic [55:6] ar_addr_q;
  logic [1:0]  ar_cmds_q;              // minus 1
  logic [7:0]  fault_kind_q;
  logic        fault_q;                // no more bursts
  logic        err_q;                  // beats from here on are not good

  // Bursts
  logic [1:0]  cmds;                   // of the next burst, minus 1
  logic        tr_live_q, asked, pop;

  always_comb begin : burst
    cmds = 2'd3 - vaddr_q[7:6];
    if (left_q <= 23'(cmds))
      cmds = 2'(left_q - 23'd1);
  end

  // tr_live_q keeps a translation up that has been asked for.
  assign tr_valid_o = tr_live_q || (active_q && left_q != 0 && !fault_q && !err_q && !stop_i && !ar_valid_q &&
                                    reserved_q <= 7'(BEATS - 16));
  assign tr_vaddr_o = {vaddr_q, 6'd0};
  assign ar_valid_o = ar_valid_q;
  assign ar_addr_o  = {ar_addr_q, 6'd0};
  assign ar_len_o   = {4'd0, ar_cmds_q, 2'd3};
  assign asked      = ar_valid_q && ar_ready_i;

  always_ff @(posedge clk_i) begin : fetch
    if (!rst_ni) begin
      active_q   <= 1'b0;
      tr_live_q  <= 1'b0;
      ar_valid_q <= 1'b0;
      fault_q    <= 1'b0;
    end else if (start_i) begin
      active_q <= 1'b1;
      base_q   <= stream_i[39:6];
      vaddr_q  <= stream_i[39:6] + 34'(first_i);
      left_q   <= first_i < ncmds_i ? ncmds_i - first_i : 23'd0;
      end_q    <= first_i < ncmds_i ? {1'b0, ncmds_i} : {1'b0, first_i};
      fault_q  <= 1'b0;
    end else if (active_q || tr_live_q || ar_valid_q) begin
      if (stop_i)
        active_q <= 1'b0;
      tr_live_q <= tr_valid_o && !tr_done_i;
      if (asked)
        ar_valid_q <= 1'b0;
      if (tr_valid_o && tr_done_i && !stop_i) begin
        if (tr_fault_i != 0) begin
          fault_q      <= 1'b1;
          fault_kind_q <= tr_fault_i;
        end else begin
          ar_valid_q <= 1'b1;
          ar_addr_q  <= tr_paddr_i[55:6];
          ar_cmds_q  <= cmds;
          vaddr_q    <= vaddr_q + 34'(cmds) + 34'd1;
          left_q     <= left_q - 23'(cmds) - 23'd1;
        end
      end
    end
  end

  // Beats. A beat that finds nothing before it goes straight into the command.
  logic         good, direct, fifo_valid, fifo_empty;
  logic [127:0] fifo_data;
  logic         room;
  logic         valid_q;
  logic [1:0]   part_q;
  logic [511:0] cmd_q;
  logic [127:0] part0_q, part1_q, part2_q;

  assign good   = r_valid_i && !r_err_i && !err_q && !stop_i;
  assign room   = part_q != 2'd3 || !valid_q || take_i;
  assign direct = good && fifo_empty && room;
  assign pop    = fifo_valid && room && !stop_i;

  quern_fifo #(.WIDTH(128), .DEPTH(BEATS)) u_beats (
    .clk_i,
    .rst_ni,
    .clear_i(stop_i || start_i),
    .push_i (good && !direct),
    .wdata_i(r_data_i),
    // Room is counted before a burst is asked for.
    // verilator lint_off PINCONNECTEMPTY
    .full_o (),
    // verilator lint_on PINCONNECTEMPTY
    .pop_i  (pop),
    .valid_o(fifo_valid),
    .rdata_o(fifo_data),
    .empty_o(fifo_empty)
  );

  always_ff @(posedge clk_i) begin : credit
    if (!rst_ni) begin
      reserved_q <= '0;
      flight_q   <= '0;
      err_q      <= 1'b0;
    end else if (start_i) begin
      reserved_q <= '0;
      err_q      <= 1'b0;
    end else if (asked || r_valid_i || pop) begin
      flight_q   <= flight_q + (asked ? {3'd0, ar_cmds_q, 2'd3} + 7'd1 : 7'd0) - 7'(r_valid_i);
      reserved_q <= reserved_q + (asked ? {3'd0, ar_cmds_q, 2'd3} + 7'd1 : 7'd0) - 7'(direct || pop);
      err_q      <= err_q || (r_valid_i && r_err_i);
    end
  end

  always_ff @(posedge clk_i) begin : assemble
    if (!rst_ni || stop_i || start_i) begin
      valid_q <= 1'b0;
      part_q  <= 2'd0;
      if (start_i)
        index_q <= {1'b0, first_i};
    end else if (direct || pop || take_i) begin
      if (take_i) begin
        valid_q <= 1'b0;
        index_q <= index_q + 24'd1;
      end
      if (direct || pop) begin
        part_q <= part_q + 2'd1;
        case (part_q)
          2'd0: part0_q <= direct ? r_data_i : fifo_data;
          2'd1: part1_q <= direct ? r_data_i : fifo_data;
          2'd2: part2_q <= direct ? r_data_i : fifo_data;
          default: begin
            cmd_q   <= {direct ? r_data_i : fifo_data, part2_q, part1_q, part0_q};
            valid_q <= 1'b1;
          end
        endcase
      end
    end
  end

  assign valid_o = valid_q;
  assign cmd_o   = cmd_q;
  assign index_o = index_q;
  assign end_o   = active_q && index_q == end_q && !valid_q;
  assign fault_o = active_q && !valid_q && fifo_empty && (err_q || (fault_q && flight_q == 0 && !ar_valid_q)) && !end_o;
  assign idle_o  = flight_q == 0 && !ar_valid_q && !tr_valid_o;

  assign fault_kind_o = err_q ? quern_pkg::FAULT_BUS : fault_kind_q;
  assign fault_addr_o = {base_q + 34'(index_q), 6'd0};

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // A job must not start while an answer of the last one is on its way.
    a_start_idle: assert (!rst_ni || !(start_i && !idle_o));
    // More beats than there is room for must not be asked for.
    a_room: assert (!rst_ni || reserved_q <= 7'(BEATS));
    // A beat must not arrive that was not asked for.
    a_asked: assert (!rst_ni || !(r_valid_i && flight_q == 0));
    // A command must not be taken before it is there.
    a_take: assert (!rst_ni || !(take_i && !valid_q));
  end
`endif

endmodule
