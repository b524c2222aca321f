// SPDX-License-Identifier: Apache-2.0
//
// Registers of the job: what to run, regions, page table roots, fault report,
// TLB invalidation, scrub. All belong to the control core.
//
// start_o, fetch_o, drop_o, abort_o, inval_o and scrub_o pulse in the cycle after
// the write.
// A start is taken only if no job is running and the last one's end has been
// acknowledged; the write that starts may acknowledge as well. What a job needs is
// written at any time and taken over by the start, so that the next job is ready
// in the registers while one runs. fetch_o says that the sequencer may fetch its
// stream. On a write of JOB_CTRL.TOUCH the lines (32 KiB) of the regions' bases are
// shown one by one to the MMU (touch_*). A write to JOB_STREAM_LO gives drop_o. abort and preempt
// reach the sequencer only while a job runs; preempt_o is a level until its end.
// end_i is the sequencer's pulse with the job's outcome.
//
// acc_*: register access of this cycle; rdata_o is combinational and zero for
// registers of others.
module quern_regs_job (
  input  logic                                clk_i,
  input  logic                                rst_ni,

  // Accesses by the core only
  input  logic                                acc_valid_i,
  input  logic                                acc_we_i,
  input  logic [17:0]                         acc_addr_i,
  input  logic [31:0]                         acc_wdata_i,
  output logic [31:0]                         rdata_o,

  // Sequencer
  output logic                                start_o,
  output logic                                fetch_o,
  output logic                                drop_o,
  output logic                                abort_o,
  output logic                                preempt_o,
  output logic [3:0]                          asid_o,
  output logic [3:0]                          tr_asid_o,     // for the MMU: changes when nothing is being translated
  input  logic                                tr_hold_i,     // something of the fetch still is
  output logic [39:0]                         stream_o,
  output logic [22:0]                         ncmds_o,
  output logic [22:0]                         first_o,
  input  logic                                end_i,
  input  logic [3:0]                          end_state_i,
  input  logic [7:0]                          end_fault_i,
  input  logic [3:0]                          end_unit_i,
  input  logic [23:0]                         end_index_i,
  input  logic [39:0]                         end_addr_i,
  input  logic [23:0]                         cmds_i,        // commands dispatched so far
  output logic                                busy_o,

  output logic [quern_pkg::NUM_REGIONS*40-1:0] regions_o,
  output logic                                touch_valid_o,
  output logic                                touch_busy_o,  // the clock is needed
  output logic [22:0]                         touch_line_o,
  input  logic                                touch_ready_i,
  output logic [13:0]                         report_o,

  // MMU
  output logic [quern_pkg::NUM_ASID*32-1:0]   roots_o,
  output logic                                inval_o,
  output logic [3:0]                          inval_asid_o,
  output logic                                inval_all_o,
  input  logic                                inval_busy_i,

  output logic                                scrub_o,
  input  logic                                scrub_busy_i
);

  localparam logic [17:0] REGION_END = quern_pkg::REG_REGION_LO + 18'(quern_pkg::NUM_REGIONS * 8);
  localparam logic [17:0] ROOT_END = quern_pkg::REG_ASID_ROOT + 18'(quern_pkg::NUM_ASID * 4);

  // Positions in JOB_CTRL
  localparam int unsigned CTRL_START = 0;
  localparam int unsigned CTRL_ABORT = 1;
  localparam int unsigned CTRL_PREEMPT = 2;
  localparam int unsigned CTRL_ACK = 3;
  localparam int unsigned CTRL_FETCH = 4;
  localparam int unsigned CTRL_TOUCH = 5;

  localparam logic [3:0] STATE_IDLE = quern_pkg::JOB_STATE_IDLE[3:0];
  localparam logic [3:0] STATE_RUNNING = quern_pkg::JOB_STATE_RUNNING[3:0];

  logic        write, read, start;
  logic        is_region, is_root;
  logic [3:0]  region, root;

  assign write     = acc_valid_i && acc_we_i;
  assign read      = acc_valid_i && !acc_we_i;
  assign is_region = acc_addr_i >= quern_pkg::REG_REGION_LO && acc_addr_i < REGION_END;
  assign is_root   = acc_addr_i >= quern_pkg::REG_ASID_ROOT && acc_addr_i < ROOT_END;
  assign region    = acc_addr_i[6:3];
  assign root      = acc_addr_i[5:2];

  // Parameters of the next job. Not reset: meaningless before they are written, page table roots excepted.

  logic [3:0]  asid_q;
  logic [13:0] report_q;
  logic [31:0] stream_lo_q, stream_hi_q, ncmds_q, first_q;
  logic [31:0] region_lo_q [0:quern_pkg::NUM_REGIONS-1];
  logic [7:0]  region_hi_q [0:quern_pkg::NUM_REGIONS-1];
  logic [31:0] root_q [0:quern_pkg::NUM_ASID-1];

  always_ff @(posedge clk_i) begin : parameters
    if (write) begin
      case (acc_addr_i)
        quern_pkg::REG_JOB_ASID:      asid_q <= acc_wdata_i[3:0];
        quern_pkg::REG_JOB_STREAM_LO: stream_lo_q <= acc_wdata_i;
        quern_pkg::REG_JOB_STREAM_HI: stream_hi_q <= acc_wdata_i;
        quern_pkg::REG_JOB_NCMDS:     ncmds_q <= acc_wdata_i;
        quern_pkg::REG_JOB_FIRST:     first_q <= acc_wdata_i;
        default: ;
      endcase
      if (is_region && acc_addr_i[2])
        region_hi_q[region] <= acc_wdata_i[7:0];
      if (is_region && !acc_addr_i[2])
        region_lo_q[region] <= acc_wdata_i;
    end
  end

  // Counts beyond what a stream may have stay too large, and a stream beyond the address space keeps a set bit there,
  // so that its first fetch faults.
  assign ncmds_o  = ncmds_q[22:0] | {23{ncmds_q[31:23] != 9'd0}};
  assign first_o  = first_q[22:0] | {23{first_q[31:23] != 9'd0}};
  assign stream_o = {stream_hi_q[31:7] != 25'd0, stream_hi_q[6:0], stream_lo_q};

  assign report_o = report_q;

  always_ff @(posedge clk_i) begin : report
    if (!rst_ni)
      report_q <= 14'd0;
    else if (write && acc_addr_i == quern_pkg::REG_JOB_REPORT)
      report_q <= {acc_wdata_i[15:3], 1'b0};
  end

  always_ff @(posedge clk_i) begin : roots
    int unsigned i;
    i = 0;
    if (!rst_ni) begin
      for (i = 0; i < quern_pkg::NUM_ASID; i = i + 1)
        root_q[i] <= 32'd0;
    end else if (write && is_root) begin
      root_q[root] <= acc_wdata_i;
    end
  end

  // What the running job uses
  for (genvar i = 0; i < quern_pkg::NUM_REGIONS; i = i + 1) begin : g_region
    always_ff @(posedge clk_i) begin : current
      if (start)
        regions_o[40*i +: 40] <= {region_hi_q[i], region_lo_q[i]};
    end
  end

  for (genvar i = 0; i < quern_pkg::NUM_ASID; i = i + 1) begin : g_root
    assign roots_o[32*i +: 32] = root_q[i];
  end

  // State of the job

  logic [7:0]  fault_q;
  logic [3:0]  state_q, unit_q;
  logic [23:0] index_q;
  logic [39:0] addr_q;
  logic        control, ack, fetch, touch, asid_wait_q;

  assign busy_o  = state_q == STATE_RUNNING;
  assign control = write && acc_addr_i == quern_pkg::REG_JOB_CTRL;
  assign ack     = control && acc_wdata_i[CTRL_ACK] && !busy_o;
  assign start   = control && acc_wdata_i[CTRL_START] && (ack || state_q == STATE_IDLE);

  // While a job runs, translations are those of its address space.
  assign fetch   = control && acc_wdata_i[CTRL_FETCH] && (!busy_o || asid_q == asid_o);
  assign touch   = control && acc_wdata_i[CTRL_TOUCH] && (!busy_o || asid_q == asid_o);

  always_ff @(posedge clk_i) begin : ahead
    fetch_o <= rst_ni && fetch;
    drop_o  <= rst_ni && write && acc_addr_i == quern_pkg::REG_JOB_STREAM_LO;
    if (start || (fetch && !busy_o)) begin
      asid_o      <= asid_q;
      asid_wait_q <= tr_hold_i;
      if (!tr_hold_i)
        tr_asid_o <= asid_q;
    end else if (asid_wait_q && !tr_hold_i) begin
      asid_wait_q <= 1'b0;
      tr_asid_o   <= asid_o;
    end
    if (!rst_ni)
      asid_wait_q <= 1'b0;
  end

  // Bases of the regions, for the MMU. Those that are zero or beyond the address space are passed over.
  logic       touch_q, touch_next;
  logic [3:0] touch_region_q;
  logic [7:0] touch_hi;
  logic [31:15] touch_lo;

  assign touch_hi      = region_hi_q[touch_region_q];
  assign touch_lo      = region_lo_q[touch_region_q][31:15];
  assign touch_line_o  = {touch_hi[5:0], touch_lo};
  assign touch_valid_o = touch_q && touch_line_o != 23'd0 && touch_hi[7:6] == 2'd0;
  assign touch_busy_o  = touch_q || asid_wait_q;
  assign touch_next    = touch_q && (touch_ready_i || !touch_valid_o);

  always_ff @(posedge clk_i) begin : touches
    if (!rst_ni)
      touch_q <= 1'b0;
    else if (touch) begin
      touch_q        <= 1'b1;
      touch_region_q <= 4'd0;
    end else if (touch_next) begin
      touch_region_q <= touch_region_q + 4'd1;
      touch_q        <= touch_region_q != 4'(quern_pkg::NUM_REGIONS - 1);
    end
  end

  always_ff @(posedge clk_i) begin : job
    start_o <= 1'b0;
    abort_o <= 1'b0;
    if (!rst_ni) begin
      state_q   <= STATE_IDLE;
      preempt_o <= 1'b0;
      fault_q   <= quern_pkg::FAULT_NONE;
      unit_q    <= 4'd0;
      index_q   <= 24'd0;
      addr_q    <= 40'd0;
    end else begin
      if (start) begin
        start_o   <= 1'b1;
        state_q   <= STATE_RUNNING;
        fault_q   <= quern_pkg::FAULT_NONE;
        preempt_o <= acc_wdata_i[CTRL_PREEMPT];
      end else if (ack) begin
        state_q <= STATE_IDLE;
      end
      if (control && busy_o) begin
        abort_o   <= acc_wdata_i[CTRL_ABORT];
        preempt_o <= preempt_o || acc_wdata_i[CTRL_PREEMPT];
      end
      if (end_i) begin
        state_q   <= end_state_i;
        fault_q   <= end_fault_i;
        unit_q    <= end_unit_i;
        index_q   <= end_index_i;
        addr_q    <= end_addr_i;
        preempt_o <= 1'b0;
      end
    end
  end

  // Requests to the MMU and the scrubber. Each reads 1 from the cycle after the write until it is done.

  logic scrub_pending_q, scrub_busy_q;

  always_ff @(posedge clk_i) begin : requests
    inval_o      <= 1'b0;
    scrub_o      <= 1'b0;
    scrub_busy_q <= scrub_busy_i;
    if (rst_ni && write && acc_addr_i == quern_pkg::REG_TLB_INVALIDATE) begin
      inval_o      <= 1'b1;
      inval_asid_o <= acc_wdata_i[3:0];
      inval_all_o  <= acc_wdata_i[8];
    end
    if (!rst_ni) begin
      scrub_pending_q <= 1'b0;
    end else if (write && acc_addr_i == quern_pkg::REG_SCRUB && acc_wdata_i[0]) begin
      scrub_o         <= 1'b1;
      scrub_pending_q <= 1'b1;
    end else if (scrub_busy_q && !scrub_busy_i) begin
      scrub_pending_q <= 1'b0;
    end
  end

  // Read

  always_comb begin : read_mux
    rdata_o = 32'd0;
    if (read) begin
      case (acc_addr_i)
        quern_pkg::REG_JOB_ASID:       rdata_o = 32'(asid_q);
        quern_pkg::REG_JOB_STREAM_LO:  rdata_o = stream_lo_q;
        quern_pkg::REG_JOB_STREAM_HI:  rdata_o = stream_hi_q;
        quern_pkg::REG_JOB_NCMDS:      rdata_o = ncmds_q;
        quern_pkg::REG_JOB_FIRST:      rdata_o = first_q;
        quern_pkg::REG_JOB_STATUS:     rdata_o = {12'd0, unit_q, fault_q, 4'd0, state_q};
        quern_pkg::REG_JOB_INDEX:      rdata_o = busy_o ? 32'(cmds_i) : 32'(index_q);
        quern_pkg::REG_FAULT_ADDR_LO:  rdata_o = addr_q[31:0];
        quern_pkg::REG_FAULT_ADDR_HI:  rdata_o = 32'(addr_q[39:32]);
        quern_pkg::REG_TLB_INVALIDATE: rdata_o = 32'(inval_o || inval_busy_i);
        quern_pkg::REG_JOB_REPORT:     rdata_o = {16'd0, report_q, 2'd0};
        quern_pkg::REG_SCRUB:          rdata_o = 32'(scrub_pending_q || scrub_busy_i);
        default: begin
          if (is_region)
            rdata_o = acc_addr_i[2] ? 32'(region_hi_q[region]) : region_lo_q[region];
          if (is_root)
            rdata_o = root_q[root];
        end
      endcase
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    if (rst_ni) begin
      // A job must not be started while another one runs.
      a_one_job: assert (!(start && busy_o));
      // A job must not end without having been started, nor end as anything but an end state.
      a_end: assert (!end_i || (busy_o && 8'(end_state_i) >= quern_pkg::JOB_STATE_DONE &&
                                8'(end_state_i) <= quern_pkg::JOB_STATE_PREEMPTED));
    end
  end
`endif

endmodule
