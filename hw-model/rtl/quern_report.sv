// SPDX-License-Identifier: Apache-2.0
//
// Writes what a job's completion has to say into the TCM before the end of the job
// is told to anyone: seven 64-bit words at addr_i (docs/registers.md, JOB_REPORT).
// So the firmware only starts the core DMA that sends the completion.
//
// end_i is the sequencer's pulse, end_o follows: in the same cycle while addr_i is
// 0, else some nine cycles later, as the counters leave their one port. Registers
// have the counters' port first (taken_i), core DMA has the TCM's (tcm_gnt_i);
// both only make it later.
//
// Rejected: shadow copies of the counters (400 flip-flops) and reading them by
// software (60 cycles between two jobs).
module quern_report (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         end_i,
  output logic         end_o,
  output logic         busy_o,
  input  logic [13:0]  addr_i,        // TCM word, even
  input  logic [63:0]  cycle_i,

  output logic         counter_re_o,
  output logic [4:0]   counter_index_o,
  input  logic         taken_i,       // someone else reads a counter in this cycle
  input  logic [63:0]  counter_i,     // asked for in the cycle before

  output logic         tcm_req_o,
  output logic [13:0]  tcm_addr_o,
  output logic [63:0]  tcm_wdata_o,
  input  logic         tcm_gnt_i
);

  localparam logic [2:0] LAST = 3'd6;

  logic        busy_q, end_q;
  logic [13:0] addr_q;
  logic [2:0]  ask_q;         // word to ask for next
  logic        here_q;        // the counter of word write_q is on the port
  logic [2:0]  write_q;
  logic        written;

  assign written     = tcm_req_o && tcm_gnt_i;
  assign tcm_req_o   = here_q;
  assign tcm_addr_o  = addr_q + {10'd0, write_q, 1'b0};
  assign tcm_wdata_o = write_q == 3'd0 ? cycle_i : counter_i;

  // A word that finds the TCM taken is asked for again, for the port shows the next one by then.
  assign counter_re_o = busy_q && !taken_i && ask_q <= LAST && (!here_q || tcm_gnt_i);

  always_comb begin : counter
    case (ask_q)
      3'd2:    counter_index_o = 5'(quern_pkg::COUNTER_MX_BUSY);
      3'd3:    counter_index_o = 5'(quern_pkg::COUNTER_VE_BUSY);
      3'd4:    counter_index_o = 5'(quern_pkg::COUNTER_RD_BYTES);
      3'd5:    counter_index_o = 5'(quern_pkg::COUNTER_WR_BYTES);
      3'd6:    counter_index_o = 5'(quern_pkg::COUNTER_TLB_MISSES);
      default: counter_index_o = 5'(quern_pkg::COUNTER_JOB_CYCLES);
    endcase
  end

  always_ff @(posedge clk_i) begin : walk
    if (!rst_ni) begin
      busy_q <= 1'b0;
      here_q <= 1'b0;
      end_q  <= 1'b0;
    end else if (end_i && addr_i != 14'd0) begin
      busy_q <= 1'b1;
      ask_q  <= 3'd0;
      addr_q <= addr_i;
    end else if (busy_q || end_q) begin
      here_q <= counter_re_o;
      end_q  <= 1'b0;
      if (counter_re_o) begin
        write_q <= ask_q;
        ask_q   <= ask_q + 3'd1;
      end
      if (here_q && !tcm_gnt_i)
        ask_q <= write_q;
      if (written && write_q == LAST) begin
        busy_q <= 1'b0;
        end_q  <= 1'b1;
      end
    end
  end

  assign end_o  = end_q || (end_i && addr_i == 14'd0);
  assign busy_o = busy_q || end_q;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    if (rst_ni) begin
      // A job must not end while the report on another one is written.
      a_one_end: assert (!(end_i && busy_o));
      // An end must not be told before its report is complete.
      a_complete: assert (!(end_q && here_q));
    end
  end
`endif

endmodule
