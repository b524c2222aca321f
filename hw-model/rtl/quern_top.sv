// SPDX-License-Identifier: Apache-2.0
//
// Quern: wiring of the chip. Ports, protocols: docs/rtl-interfaces.md; the PCIe
// endpoint around it serves configuration space and the MSI-X table.
//
// Parameters: N, rows and columns of the matrix engine and bytes of a vector, 8,
// 16 or 32; SPM_KIB, scratchpad, a power of two.
//
// active_o is low when the chip only waits for the host: the core in reset or
// asleep without an interrupt, no job, nothing on the bus. The clock may then be
// gated but for an armed timer.
module quern_top #(
  parameter int unsigned N = 16,
  parameter int unsigned SPM_KIB = 512
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,

  // Registers (BAR0)
  input  logic                              host_valid_i,
  input  logic                              host_we_i,
  input  logic [17:0]                       host_addr_i,
  input  logic [31:0]                       host_wdata_i,
  output logic                              host_ready_o,
  output logic [31:0]                       host_rdata_o,
  output logic [quern_pkg::NUM_VECTORS-1:0] irq_o,
  output logic                              active_o,

  // AXI4 master, 16 bytes wide; size, burst (INCR), cache and protection attributes are constant
  output logic                              m_arvalid_o,
  input  logic                              m_arready_i,
  output logic [1:0]                        m_arid_o,
  output logic [55:0]                       m_araddr_o,
  output logic [7:0]                        m_arlen_o,
  input  logic                              m_rvalid_i,
  output logic                              m_rready_o,
  input  logic [1:0]                        m_rid_i,
  input  logic [127:0]                      m_rdata_i,
  input  logic [1:0]                        m_rresp_i,
  input  logic                              m_rlast_i,
  output logic                              m_awvalid_o,
  input  logic                              m_awready_i,
  output logic [1:0]                        m_awid_o,
  output logic [55:0]                       m_awaddr_o,
  output logic [7:0]                        m_awlen_o,
  output logic                              m_wvalid_o,
  input  logic                              m_wready_i,
  output logic [127:0]                      m_wdata_o,
  output logic [15:0]                       m_wstrb_o,
  output logic                              m_wlast_o,
  input  logic                              m_bvalid_i,
  output logic                              m_bready_o,
  input  logic [1:0]                        m_bid_i,
  input  logic [1:0]                        m_bresp_i
);

  localparam int unsigned BUS_BYTES = 16;
  localparam int unsigned SPM_BYTES = SPM_KIB * 1024;
  localparam int unsigned VEC_BITS = $clog2(SPM_BYTES / N);

  // ------------------------------------------------------------------
  // Reset and clocks
  // ------------------------------------------------------------------
  logic clk_reset, clk_seq, clk_mmu, clk_bus, clk_memory, clk_count, clk_trace, clk_load, clk_store, clk_matrix, clk_vector;
  logic rst_n;      // power-up reset
  logic rst_chip_n, reset_request, reset_busy, bus_idle;

  always_ff @(posedge clk_reset) begin : power_up
    rst_n <= rst_ni;
  end

  quern_reset i_reset (
    .clk_i      (clk_reset),
    .rst_ni     (rst_n),
    .reset_i    (reset_request),
    .bus_idle_i (bus_idle),
    .busy_o     (reset_busy),
    .rst_no     (rst_chip_n)
  );

  // ------------------------------------------------------------------
  // Registers
  // ------------------------------------------------------------------
  logic        core_run, core_sleep;
  logic        reg_req, reg_we, reg_gnt, reg_rvalid;
  logic [17:0] reg_addr;
  logic [31:0] reg_wdata, reg_rdata;
  logic        win_req, win_we;
  logic [13:0] win_addr;
  logic [31:0] win_wdata, win_rdata;
  logic        irq_external, irq_timer;
  logic [63:0] cycle;
  logic        cdma_start, cdma_to_host, cdma_busy, cdma_done, cdma_error;
  logic [63:0] cdma_host;
  logic [31:0] cdma_tcm;
  logic [11:0] cdma_bytes;
  logic        cdma_entry_start;
  logic [13:0] cdma_entry, report;
  logic [9:0]  cdma_entry_tcm;
  logic        job_fetch, job_drop, fetch_busy, end_seq;
  logic        touch_valid, touch_ready, region_touch, doorbell_touch;
  logic [22:0] touch_line, region_line, doorbell_line;
  logic [3:0]  touch_asid, doorbell_asid, tr_asid;
  logic        job_start, job_abort, job_preempt, job_busy;
  logic [3:0]  job_asid;
  logic [39:0] job_stream;
  logic [22:0] job_ncmds, job_first;
  logic        end_valid;
  logic [7:0]  end_fault;
  logic [3:0]  end_state, end_unit;
  logic [23:0] end_index, cmds;
  logic [39:0] end_addr;
  logic [quern_pkg::NUM_REGIONS*40-1:0] regions;
  logic [quern_pkg::NUM_ASID*32-1:0]    roots;
  logic        inval, inval_all, inval_busy;
  logic [3:0]  inval_asid;
  logic        scrub_request, scrub_busy;
  logic        counter_re, reg_counter_re, report_re, trace_enable, trace_clear, trace_re;
  logic [4:0]  counter_index, reg_counter_index, report_index;
  logic [63:0] counter_rdata, trace_rdata;
  logic [31:0] trace_head;
  logic [9:0]  trace_index;
  logic [15:0] trace_dropped;
  logic        trace_busy;

  quern_regs #(.N(N), .SPM_BYTES(SPM_BYTES), .BUS_BYTES(BUS_BYTES)) i_regs (
    .clk_i,
    .rst_ni          (rst_chip_n),
    .rst_port_ni     (rst_n),
    .hold_i          (reset_busy || reset_request),
    .host_valid_i,
    .host_we_i,
    .host_addr_i,
    .host_wdata_i,
    .host_ready_o,
    .host_rdata_o,
    .irq_o,
    .core_req_i      (reg_req),
    .core_we_i       (reg_we),
    .core_addr_i     (reg_addr),
    .core_wdata_i    (reg_wdata),
    .core_gnt_o      (reg_gnt),
    .core_rvalid_o   (reg_rvalid),
    .core_rdata_o    (reg_rdata),
    .reset_o         (reset_request),
    .core_run_o      (core_run),
    .core_sleep_i    (core_sleep),
    .bus_busy_i      (!bus_idle),
    .win_req_o       (win_req),
    .win_we_o        (win_we),
    .win_addr_o      (win_addr),
    .win_wdata_o     (win_wdata),
    .win_rdata_i     (win_rdata),
    .irq_external_o  (irq_external),
    .irq_timer_o     (irq_timer),
    .cycle_o         (cycle),
    .cdma_start_o    (cdma_start),
    .cdma_host_o     (cdma_host),
    .cdma_tcm_o      (cdma_tcm),
    .cdma_bytes_o    (cdma_bytes),
    .cdma_to_host_o  (cdma_to_host),
    .cdma_entry_start_o (cdma_entry_start),
    .cdma_entry_o    (cdma_entry),
    .cdma_entry_tcm_o (cdma_entry_tcm),
    .cdma_busy_i     (cdma_busy),
    .cdma_done_i     (cdma_done),
    .cdma_error_i    (cdma_error),
    .start_o         (job_start),
    .fetch_o         (job_fetch),
    .drop_o          (job_drop),
    .abort_o         (job_abort),
    .preempt_o       (job_preempt),
    .asid_o          (job_asid),
    .tr_asid_o       (tr_asid),
    .tr_hold_i       (fetch_busy),
    .stream_o        (job_stream),
    .ncmds_o         (job_ncmds),
    .first_o         (job_first),
    .end_i           (end_valid),
    .end_state_i     (end_state),
    .end_fault_i     (end_fault),
    .end_unit_i      (end_unit),
    .end_index_i     (end_index),
    .end_addr_i      (end_addr),
    .cmds_i          (cmds),
    .job_busy_o      (job_busy),
    .regions_o       (regions),
    .touch_valid_o   (region_touch),
    .touch_line_o    (region_line),
    .touch_ready_i   (touch_ready && !doorbell_touch),
    .report_o        (report),
    .roots_o         (roots),
    .inval_o         (inval),
    .inval_asid_o    (inval_asid),
    .inval_all_o     (inval_all),
    .inval_busy_i    (inval_busy),
    .scrub_o         (scrub_request),
    .scrub_busy_i    (scrub_busy),
    .counter_re_o    (reg_counter_re),
    .counter_index_o (reg_counter_index),
    .counter_rdata_i (counter_rdata),
    .trace_enable_o  (trace_enable),
    .trace_clear_o   (trace_clear),
    .trace_head_i    (trace_head),
    .trace_dropped_i (trace_dropped),
    .trace_re_o      (trace_re),
    .trace_index_o   (trace_index),
    .trace_rdata_i   (trace_rdata)
  );

  // ------------------------------------------------------------------
  // Control core
  // ------------------------------------------------------------------
  logic                   cdma_ar_valid, cdma_ar_ready, cdma_r_valid;
  logic [55:0]            cdma_ar_addr, cdma_aw_addr;
  logic [7:0]             cdma_ar_len, cdma_aw_len;
  logic                   cdma_aw_valid, cdma_aw_ready;
  logic                   cdma_w_valid, cdma_w_last, cdma_w_ready, cdma_b_valid;
  logic [8*BUS_BYTES-1:0] cdma_w_data;
  logic [BUS_BYTES-1:0]   cdma_w_strb;
  logic [8*BUS_BYTES-1:0] r_data;
  logic                   r_last, r_err, b_err;

  quern_ctrl i_ctrl (
    .clk_i,
    .rst_ni         (rst_chip_n),
    .core_run_i     (core_run),
    .core_sleep_o   (core_sleep),
    .reg_req_o      (reg_req),
    .reg_we_o       (reg_we),
    .reg_addr_o     (reg_addr),
    .reg_wdata_o    (reg_wdata),
    .reg_gnt_i      (reg_gnt),
    .reg_rvalid_i   (reg_rvalid),
    .reg_rdata_i    (reg_rdata),
    .irq_external_i (irq_external),
    .irq_timer_i    (irq_timer),
    .win_req_i      (win_req),
    .win_we_i       (win_we),
    .win_addr_i     (win_addr),
    .win_wdata_i    (win_wdata),
    .win_rdata_o    (win_rdata),
    .cdma_start_i   (cdma_start),
    .cdma_host_i    (cdma_host),
    .cdma_tcm_i     (cdma_tcm),
    .cdma_bytes_i   (cdma_bytes),
    .cdma_to_host_i (cdma_to_host),
    .cdma_entry_start_i (cdma_entry_start),
    .cdma_entry_i   (cdma_entry),
    .cdma_entry_tcm_i (cdma_entry_tcm),
    .touch_o        (doorbell_touch),
    .touch_line_o   (doorbell_line),
    .touch_asid_o   (doorbell_asid),
    .cdma_busy_o    (cdma_busy),
    .cdma_done_o    (cdma_done),
    .cdma_error_o   (cdma_error),
    .end_i          (end_seq),
    .end_o          (end_valid),
    .report_i       (report),
    .cycle_i        (cycle),
    .counter_re_o   (report_re),
    .counter_index_o (report_index),
    .counter_taken_i (reg_counter_re),
    .counter_i      (counter_rdata),
    .ar_valid_o     (cdma_ar_valid),
    .ar_addr_o      (cdma_ar_addr),
    .ar_len_o       (cdma_ar_len),
    .ar_ready_i     (cdma_ar_ready),
    .r_valid_i      (cdma_r_valid),
    .r_data_i       (r_data),
    .r_err_i        (r_err),
    .aw_valid_o     (cdma_aw_valid),
    .aw_addr_o      (cdma_aw_addr),
    .aw_len_o       (cdma_aw_len),
    .aw_ready_i     (cdma_aw_ready),
    .w_valid_o      (cdma_w_valid),
    .w_data_o       (cdma_w_data),
    .w_strb_o       (cdma_w_strb),
    .w_last_o       (cdma_w_last),
    .w_ready_i      (cdma_w_ready),
    .b_valid_i      (cdma_b_valid),
    .b_err_i        (b_err)
  );

  // ------------------------------------------------------------------
  // Host memory: translation and bus
  // ------------------------------------------------------------------
  logic [2:0]             tr_valid, tr_write, tr_done;       // sequencer, load, store
  logic [39:0]            seq_vaddr, load_vaddr, store_vaddr;
  logic [55:0]            tr_paddr;
  logic [7:0]             tr_fault;
  logic                   mmu_idle;
  logic                   walk_ar_valid, walk_ar_ready, walk_r_valid;
  logic [55:0]            walk_ar_addr;
  logic [7:0]             walk_ar_len;
  logic                   seq_ar_valid, seq_ar_ready, seq_r_valid;
  logic [55:0]            seq_ar_addr;
  logic [7:0]             seq_ar_len;
  logic                   load_ar_valid, load_ar_ready, load_r_valid;
  logic [55:0]            load_ar_addr;
  logic [7:0]             load_ar_len;
  logic                   store_aw_valid, store_aw_ready;
  logic [55:0]            store_aw_addr;
  logic [7:0]             store_aw_len;
  logic                   store_w_valid, store_w_last, store_w_ready, store_b_valid;
  logic [8*BUS_BYTES-1:0] store_w_data;
  logic [BUS_BYTES-1:0]   store_w_strb;
  logic                   ev_lookup, ev_miss, ev_walk, ev_rd_beat;

  // A doorbell's line comes while no job runs, and a region's waits for it.
  assign touch_valid = doorbell_touch || region_touch;
  assign touch_line  = doorbell_touch ? doorbell_line : region_line;
  assign touch_asid  = doorbell_touch ? doorbell_asid : job_asid;

  quern_mmu i_mmu (
    .clk_i         (clk_mmu),
    .rst_ni        (rst_chip_n),
    .asid_i        (tr_asid),
    .touch_valid_i (touch_valid),
    .touch_line_i  (touch_line),
    .touch_asid_i  (touch_asid),
    .touch_ready_o (touch_ready),
    .roots_i       (roots),
    .tr_valid_i    (tr_valid),
    .seq_vaddr_i   (seq_vaddr),
    .load_vaddr_i  (load_vaddr),
    .store_vaddr_i (store_vaddr),
    .tr_write_i    (tr_write),
    .tr_done_o     (tr_done),
    .tr_paddr_o    (tr_paddr),
    .tr_fault_o    (tr_fault),
    .inval_i       (inval),
    .inval_all_i   (inval_all),
    .inval_asid_i  (inval_asid),
    .inval_busy_o  (inval_busy),
    .ar_valid_o    (walk_ar_valid),
    .ar_addr_o     (walk_ar_addr),
    .ar_len_o      (walk_ar_len),
    .ar_ready_i    (walk_ar_ready),
    .r_valid_i     (walk_r_valid),
    .r_data_i      (r_data),
    .r_last_i      (r_last),
    .r_err_i       (r_err),
    .idle_o        (mmu_idle),
    .ev_lookup_o   (ev_lookup),
    .ev_miss_o     (ev_miss),
    .ev_walk_o     (ev_walk)
  );

  quern_bus #(.BUS_BYTES(BUS_BYTES)) i_bus (
    .clk_i            (clk_bus),
    .rst_ni           (rst_n),
    .drain_i          (reset_busy),
    .idle_o           (bus_idle),
    .seq_ar_valid_i   (seq_ar_valid),
    .seq_ar_addr_i    (seq_ar_addr),
    .seq_ar_len_i     (seq_ar_len),
    .seq_ar_ready_o   (seq_ar_ready),
    .seq_r_valid_o    (seq_r_valid),
    .load_ar_valid_i  (load_ar_valid),
    .load_ar_addr_i   (load_ar_addr),
    .load_ar_len_i    (load_ar_len),
    .load_ar_ready_o  (load_ar_ready),
    .load_r_valid_o   (load_r_valid),
    .walk_ar_valid_i  (walk_ar_valid),
    .walk_ar_addr_i   (walk_ar_addr),
    .walk_ar_len_i    (walk_ar_len),
    .walk_ar_ready_o  (walk_ar_ready),
    .walk_r_valid_o   (walk_r_valid),
    .cdma_ar_valid_i  (cdma_ar_valid),
    .cdma_ar_addr_i   (cdma_ar_addr),
    .cdma_ar_len_i    (cdma_ar_len),
    .cdma_ar_ready_o  (cdma_ar_ready),
    .cdma_r_valid_o   (cdma_r_valid),
    .r_data_o         (r_data),
    .r_last_o         (r_last),
    .r_err_o          (r_err),
    .store_aw_valid_i (store_aw_valid),
    .store_aw_addr_i  (store_aw_addr),
    .store_aw_len_i   (store_aw_len),
    .store_aw_ready_o (store_aw_ready),
    .store_w_valid_i  (store_w_valid),
    .store_w_data_i   (store_w_data),
    .store_w_strb_i   (store_w_strb),
    .store_w_last_i   (store_w_last),
    .store_w_ready_o  (store_w_ready),
    .store_b_valid_o  (store_b_valid),
    .cdma_aw_valid_i  (cdma_aw_valid),
    .cdma_aw_addr_i   (cdma_aw_addr),
    .cdma_aw_len_i    (cdma_aw_len),
    .cdma_aw_ready_o  (cdma_aw_ready),
    .cdma_w_valid_i   (cdma_w_valid),
    .cdma_w_data_i    (cdma_w_data),
    .cdma_w_strb_i    (cdma_w_strb),
    .cdma_w_last_i    (cdma_w_last),
    .cdma_w_ready_o   (cdma_w_ready),
    .cdma_b_valid_o   (cdma_b_valid),
    .b_err_o          (b_err),
    .ev_rd_beat_o     (ev_rd_beat),
    .m_arvalid_o,
    .m_arready_i,
    .m_arid_o,
    .m_araddr_o,
    .m_arlen_o,
    .m_rvalid_i,
    .m_rready_o,
    .m_rid_i,
    .m_rdata_i,
    .m_rresp_i,
    .m_rlast_i,
    .m_awvalid_o,
    .m_awready_i,
    .m_awid_o,
    .m_awaddr_o,
    .m_awlen_o,
    .m_wvalid_o,
    .m_wready_i,
    .m_wdata_o,
    .m_wstrb_o,
    .m_wlast_o,
    .m_bvalid_i,
    .m_bready_o,
    .m_bid_i,
    .m_bresp_i
  );

  // ------------------------------------------------------------------
  // Command sequencer
  // ------------------------------------------------------------------
  logic         ld_cmd_valid, ld_cmd_ready, ld_done, ld_fault, ld_idle;
  logic [511:0] ld_cmd;
  logic [23:0]  ld_cmd_index, ld_fault_index;
  logic [7:0]   ld_fault_kind;
  logic [39:0]  ld_fault_addr;
  logic         st_cmd_valid, st_cmd_ready, st_done, st_fault, st_idle;
  logic [511:0] st_cmd;
  logic [23:0]  st_cmd_index, st_fault_index;
  logic [7:0]   st_fault_kind;
  logic [39:0]  st_fault_addr;
  logic         mx_cmd_valid, mx_cmd_ready, mx_done, mx_fault, mx_idle;
  logic [511:0] mx_cmd;
  logic [23:0]  mx_cmd_index, mx_fault_index;
  logic [7:0]   mx_fault_kind;
  logic [39:0]  mx_fault_addr;
  logic         ve_cmd_valid, ve_cmd_ready, ve_done, ve_fault, ve_idle;
  logic [511:0] ve_cmd;
  logic [23:0]  ve_cmd_index, ve_fault_index;
  logic [7:0]   ve_fault_kind;
  logic [39:0]  ve_fault_addr;
  logic         seq_running, seq_stir, flush, seq_scrub, ev_dispatch, ev_yield, ev_scrub, ev_stall_fetch, ev_stall_queue;
  logic [3:0]   ev_stall_token, ev_start, ev_end;
  logic [95:0]  ev_start_index, ev_end_index;

  quern_seq #(.N(N)) i_seq (
    .clk_i            (clk_seq),
    .rst_ni           (rst_chip_n),
    .start_i          (job_start),
    .fetch_i          (job_fetch),
    .drop_i           (job_drop),
    .asid_i           (job_asid),
    .stream_i         (job_stream),
    .ncmds_i          (job_ncmds),
    .first_i          (job_first),
    .abort_i          (job_abort),
    .preempt_i        (job_preempt),
    .force_scrub_i    (scrub_request),
    .running_o        (seq_running),
    .fetch_busy_o     (fetch_busy),
    .stir_o           (seq_stir),
    .end_o            (end_seq),
    .end_state_o      (end_state),
    .end_fault_o      (end_fault),
    .end_unit_o       (end_unit),
    .end_index_o      (end_index),
    .end_addr_o       (end_addr),
    .dispatched_o     (cmds),
    .scrub_o          (seq_scrub),
    .scrub_busy_i     (scrub_busy),
    .tr_valid_o       (tr_valid[0]),
    .tr_vaddr_o       (seq_vaddr),
    .tr_write_o       (tr_write[0]),
    .tr_done_i        (tr_done[0]),
    .tr_paddr_i       (tr_paddr),
    .tr_fault_i       (tr_fault),
    .ar_valid_o       (seq_ar_valid),
    .ar_addr_o        (seq_ar_addr),
    .ar_len_o         (seq_ar_len),
    .ar_ready_i       (seq_ar_ready),
    .r_valid_i        (seq_r_valid),
    .r_data_i         (r_data),
    .r_err_i          (r_err),
    .ld_cmd_valid_o   (ld_cmd_valid),
    .ld_cmd_o         (ld_cmd),
    .ld_cmd_index_o   (ld_cmd_index),
    .ld_cmd_ready_i   (ld_cmd_ready),
    .ld_done_i        (ld_done),
    .ld_fault_i       (ld_fault),
    .ld_fault_kind_i  (ld_fault_kind),
    .ld_fault_addr_i  (ld_fault_addr),
    .ld_fault_index_i (ld_fault_index),
    .ld_idle_i        (ld_idle),
    .st_cmd_valid_o   (st_cmd_valid),
    .st_cmd_o         (st_cmd),
    .st_cmd_index_o   (st_cmd_index),
    .st_cmd_ready_i   (st_cmd_ready),
    .st_done_i        (st_done),
    .st_fault_i       (st_fault),
    .st_fault_kind_i  (st_fault_kind),
    .st_fault_addr_i  (st_fault_addr),
    .st_fault_index_i (st_fault_index),
    .st_idle_i        (st_idle),
    .mx_cmd_valid_o   (mx_cmd_valid),
    .mx_cmd_o         (mx_cmd),
    .mx_cmd_index_o   (mx_cmd_index),
    .mx_cmd_ready_i   (mx_cmd_ready),
    .mx_done_i        (mx_done),
    .mx_fault_i       (mx_fault),
    .mx_fault_kind_i  (mx_fault_kind),
    .mx_fault_addr_i  (mx_fault_addr),
    .mx_fault_index_i (mx_fault_index),
    .mx_idle_i        (mx_idle),
    .ve_cmd_valid_o   (ve_cmd_valid),
    .ve_cmd_o         (ve_cmd),
    .ve_cmd_index_o   (ve_cmd_index),
    .ve_cmd_ready_i   (ve_cmd_ready),
    .ve_done_i        (ve_done),
    .ve_fault_i       (ve_fault),
    .ve_fault_kind_i  (ve_fault_kind),
    .ve_fault_addr_i  (ve_fault_addr),
    .ve_fault_index_i (ve_fault_index),
    .ve_idle_i        (ve_idle),
    .flush_o          (flush),
    .ev_dispatch_o    (ev_dispatch),
    .ev_yield_o       (ev_yield),
    .ev_scrub_o       (ev_scrub),
    .ev_stall_fetch_o (ev_stall_fetch),
    .ev_stall_queue_o (ev_stall_queue),
    .ev_stall_token_o (ev_stall_token),
    .ev_start_o       (ev_start),
    .ev_start_index_o (ev_start_index),
    .ev_end_o         (ev_end),
    .ev_end_index_o   (ev_end_index)
  );

  // ------------------------------------------------------------------
  // Engines
  // ------------------------------------------------------------------
  logic                         ev_ld_busy, ev_ld_stall_bus, ev_ld_stall_spm;
  logic                         ev_st_busy, ev_st_stall_bus, ev_st_stall_spm;
  logic [4:0]                   ev_wr_bytes;
  logic                         ev_mx_busy, ev_mx_stall_weight, ev_mx_stall_spm;
  logic                         ev_ve_busy, ev_ve_stall_param, ev_ve_stall_spm;
  logic                         ifm_req, ifm_gnt, w_req, w_gnt, va_req, va_gnt, vb_req, vb_gnt;
  logic                         vw_req, vw_gnt, lw_req, lw_gnt, sr_req, sr_gnt;
  // Engines check bounds; the bits above are zero when they ask.
  // verilator lint_off UNUSEDSIGNAL
  logic [23:0]                  ifm_addr;
  // verilator lint_on UNUSEDSIGNAL
  logic [VEC_BITS-1:0]          w_addr, va_addr, vb_addr, vw_addr, lw_addr, sr_addr;
  logic [8*N-1:0]               ifm_rdata, w_rdata, va_rdata, vb_rdata, sr_rdata, vw_wdata, lw_wdata;
  logic [N-1:0]                 lw_be;

  quern_load #(.N(N), .SPM_BYTES(SPM_BYTES), .BUS_BYTES(BUS_BYTES)) i_load (
    .clk_i          (clk_load),
    .rst_ni         (rst_chip_n),
    .cmd_valid_i    (ld_cmd_valid),
    .cmd_i          (ld_cmd),
    .cmd_index_i    (ld_cmd_index),
    .cmd_ready_o    (ld_cmd_ready),
    .done_o         (ld_done),
    .fault_o        (ld_fault),
    .fault_kind_o   (ld_fault_kind),
    .fault_addr_o   (ld_fault_addr),
    .fault_index_o  (ld_fault_index),
    .flush_i        (flush),
    .idle_o         (ld_idle),
    .ev_busy_o      (ev_ld_busy),
    .ev_stall_bus_o (ev_ld_stall_bus),
    .ev_stall_spm_o (ev_ld_stall_spm),
    .region_base_i  (regions),
    .tr_valid_o     (tr_valid[1]),
    .tr_vaddr_o     (load_vaddr),
    .tr_write_o     (tr_write[1]),
    .tr_done_i      (tr_done[1]),
    .tr_paddr_i     (tr_paddr),
    .tr_fault_i     (tr_fault),
    .ar_valid_o     (load_ar_valid),
    .ar_addr_o      (load_ar_addr),
    .ar_len_o       (load_ar_len),
    .ar_ready_i     (load_ar_ready),
    .r_valid_i      (load_r_valid),
    .r_data_i       (r_data),
    .r_last_i       (r_last),
    .r_err_i        (r_err),
    .lw_req_o       (lw_req),
    .lw_addr_o      (lw_addr),
    .lw_wdata_o     (lw_wdata),
    .lw_be_o        (lw_be),
    .lw_gnt_i       (lw_gnt)
  );

  quern_store #(.N(N), .SPM_BYTES(SPM_BYTES), .BUS_BYTES(BUS_BYTES)) i_store (
    .clk_i          (clk_store),
    .rst_ni         (rst_chip_n),
    .cmd_valid_i    (st_cmd_valid),
    .cmd_i          (st_cmd),
    .cmd_index_i    (st_cmd_index),
    .cmd_ready_o    (st_cmd_ready),
    .done_o         (st_done),
    .fault_o        (st_fault),
    .fault_kind_o   (st_fault_kind),
    .fault_addr_o   (st_fault_addr),
    .fault_index_o  (st_fault_index),
    .flush_i        (flush),
    .idle_o         (st_idle),
    .ev_busy_o      (ev_st_busy),
    .ev_stall_bus_o (ev_st_stall_bus),
    .ev_stall_spm_o (ev_st_stall_spm),
    .ev_wr_bytes_o  (ev_wr_bytes),
    .region_base_i  (regions),
    .tr_valid_o     (tr_valid[2]),
    .tr_vaddr_o     (store_vaddr),
    .tr_write_o     (tr_write[2]),
    .tr_done_i      (tr_done[2]),
    .tr_paddr_i     (tr_paddr),
    .tr_fault_i     (tr_fault),
    .aw_valid_o     (store_aw_valid),
    .aw_addr_o      (store_aw_addr),
    .aw_len_o       (store_aw_len),
    .aw_ready_i     (store_aw_ready),
    .w_valid_o      (store_w_valid),
    .w_data_o       (store_w_data),
    .w_strb_o       (store_w_strb),
    .w_last_o       (store_w_last),
    .w_ready_i      (store_w_ready),
    .b_valid_i      (store_b_valid),
    .b_err_i        (b_err),
    .sr_req_o       (sr_req),
    .sr_addr_o      (sr_addr),
    .sr_gnt_i       (sr_gnt),
    .sr_rdata_i     (sr_rdata)
  );

  // Accumulators: entry index = bank * ACC_ENTRIES + entry
  logic            mx_acc_re, mx_acc_we, vx_acc_req, vx_acc_gnt, acc_scrub_busy, matrix_scrub_busy, spm_scrub_busy;
  logic [9:0]      mx_acc_raddr, mx_acc_waddr, vx_acc_addr;
  logic [32*N-1:0] mx_acc_wdata, acc_rdata0, acc_rdata1;

  quern_matrix #(.N(N), .SPM_BYTES(SPM_BYTES)) i_matrix (
    .clk_i             (clk_matrix),
    .rst_ni            (rst_chip_n),
    .scrub_i           (seq_scrub),
    .scrub_busy_o      (matrix_scrub_busy),
    .cmd_valid_i       (mx_cmd_valid),
    .cmd_i             (mx_cmd),
    .cmd_index_i       (mx_cmd_index),
    .cmd_ready_o       (mx_cmd_ready),
    .done_o            (mx_done),
    .fault_o           (mx_fault),
    .fault_kind_o      (mx_fault_kind),
    .fault_addr_o      (mx_fault_addr),
    .fault_index_o     (mx_fault_index),
    .flush_i           (flush),
    .idle_o            (mx_idle),
    .ev_busy_o         (ev_mx_busy),
    .ev_stall_weight_o (ev_mx_stall_weight),
    .ev_stall_spm_o    (ev_mx_stall_spm),
    .ifm_req_o         (ifm_req),
    .ifm_addr_o        (ifm_addr),
    .ifm_gnt_i         (ifm_gnt),
    .ifm_rdata_i       (ifm_rdata),
    .w_req_o           (w_req),
    .w_addr_o          (w_addr),
    .w_gnt_i           (w_gnt),
    .w_rdata_i         (w_rdata),
    .acc_re_o          (mx_acc_re),
    .acc_raddr_o       (mx_acc_raddr),
    .acc_rdata0_i      (acc_rdata0),
    .acc_rdata1_i      (acc_rdata1),
    .acc_we_o          (mx_acc_we),
    .acc_waddr_o       (mx_acc_waddr),
    .acc_wdata_o       (mx_acc_wdata)
  );

  quern_acc #(.N(N)) i_acc (
    .clk_i        (clk_memory),
    .rst_ni       (rst_chip_n),
    .scrub_i      (seq_scrub),
    .scrub_busy_o (acc_scrub_busy),
    .mx_re_i      (mx_acc_re),
    .mx_raddr_i   (mx_acc_raddr),
    .mx_we_i      (mx_acc_we),
    .mx_waddr_i   (mx_acc_waddr),
    .mx_wdata_i   (mx_acc_wdata),
    .vx_req_i     (vx_acc_req),
    .vx_addr_i    (vx_acc_addr),
    .vx_gnt_o     (vx_acc_gnt),
    .rdata0_o     (acc_rdata0),
    .rdata1_o     (acc_rdata1)
  );

  quern_vector #(.N(N), .SPM_BYTES(SPM_BYTES)) i_vector (
    .clk_i            (clk_vector),
    .rst_ni           (rst_chip_n),
    .cmd_valid_i      (ve_cmd_valid),
    .cmd_i            (ve_cmd),
    .cmd_index_i      (ve_cmd_index),
    .cmd_ready_o      (ve_cmd_ready),
    .done_o           (ve_done),
    .fault_o          (ve_fault),
    .fault_kind_o     (ve_fault_kind),
    .fault_addr_o     (ve_fault_addr),
    .fault_index_o    (ve_fault_index),
    .flush_i          (flush),
    .idle_o           (ve_idle),
    .ev_busy_o        (ev_ve_busy),
    .ev_stall_param_o (ev_ve_stall_param),
    .ev_stall_spm_o   (ev_ve_stall_spm),
    .va_req_o         (va_req),
    .va_addr_o        (va_addr),
    .va_gnt_i         (va_gnt),
    .va_rdata_i       (va_rdata),
    .vb_req_o         (vb_req),
    .vb_addr_o        (vb_addr),
    .vb_gnt_i         (vb_gnt),
    .vb_rdata_i       (vb_rdata),
    .vw_req_o         (vw_req),
    .vw_addr_o        (vw_addr),
    .vw_wdata_o       (vw_wdata),
    .vw_gnt_i         (vw_gnt),
    .acc_req_o        (vx_acc_req),
    .acc_addr_o       (vx_acc_addr),
    .acc_gnt_i        (vx_acc_gnt),
    .acc_rdata0_i     (acc_rdata0),
    .acc_rdata1_i     (acc_rdata1)
  );

  // Scratchpad
  logic [2:0] ev_conflicts;

  quern_spm #(.N(N), .SPM_BYTES(SPM_BYTES)) i_spm (
    .clk_i          (clk_memory),
    .rst_ni         (rst_chip_n),
    .ifm_req_i      (ifm_req),
    .ifm_addr_i     (ifm_addr[$clog2(SPM_BYTES)-1:0]),
    .ifm_gnt_o      (ifm_gnt),
    .ifm_rdata_o    (ifm_rdata),
    .w_req_i        (w_req),
    .w_addr_i       (w_addr),
    .w_gnt_o        (w_gnt),
    .w_rdata_o      (w_rdata),
    .va_req_i       (va_req),
    .va_addr_i      (va_addr),
    .va_gnt_o       (va_gnt),
    .va_rdata_o     (va_rdata),
    .vb_req_i       (vb_req),
    .vb_addr_i      (vb_addr),
    .vb_gnt_o       (vb_gnt),
    .vb_rdata_o     (vb_rdata),
    .vw_req_i       (vw_req),
    .vw_addr_i      (vw_addr),
    .vw_wdata_i     (vw_wdata),
    .vw_gnt_o       (vw_gnt),
    .lw_req_i       (lw_req),
    .lw_addr_i      (lw_addr),
    .lw_wdata_i     (lw_wdata),
    .lw_be_i        (lw_be),
    .lw_gnt_o       (lw_gnt),
    .sr_req_i       (sr_req),
    .sr_addr_i      (sr_addr),
    .sr_gnt_o       (sr_gnt),
    .sr_rdata_o     (sr_rdata),
    .scrub_i        (seq_scrub),
    .scrub_busy_o   (spm_scrub_busy),
    .ev_conflicts_o (ev_conflicts)
  );

  assign scrub_busy = spm_scrub_busy || acc_scrub_busy || matrix_scrub_busy;

  // ------------------------------------------------------------------
  // Counters and trace
  // ------------------------------------------------------------------
  assign counter_re    = reg_counter_re || report_re;
  assign counter_index = reg_counter_re ? reg_counter_index : report_index;

  quern_counters i_counters (
    .clk_i             (clk_count),
    .rst_ni            (rst_chip_n),
    .clear_i           (job_start),
    .run_i             (seq_running),
    .ev_dispatch_i     (ev_dispatch),
    .ev_yield_i        (ev_yield),
    .ev_scrub_i        (ev_scrub),
    .ev_stall_fetch_i  (ev_stall_fetch),
    .ev_stall_queue_i  (ev_stall_queue),
    .ev_stall_token_i  (ev_stall_token),
    .ev_rd_beat_i      (ev_rd_beat),
    .ev_wr_bytes_i     (ev_wr_bytes),
    .ev_tlb_lookup_i   (ev_lookup),
    .ev_tlb_miss_i     (ev_miss),
    .ev_walk_i         (ev_walk),
    .ev_conflicts_i    (ev_conflicts),
    .ld_busy_i         (ev_ld_busy),
    .ld_stall_bus_i    (ev_ld_stall_bus),
    .ld_stall_spm_i    (ev_ld_stall_spm),
    .st_busy_i         (ev_st_busy),
    .st_stall_bus_i    (ev_st_stall_bus),
    .st_stall_spm_i    (ev_st_stall_spm),
    .mx_busy_i         (ev_mx_busy),
    .mx_stall_weight_i (ev_mx_stall_weight),
    .mx_stall_spm_i    (ev_mx_stall_spm),
    .ve_busy_i         (ev_ve_busy),
    .ve_stall_param_i  (ev_ve_stall_param),
    .ve_stall_spm_i    (ev_ve_stall_spm),
    .re_i              (counter_re),
    .sel_i             (counter_index),
    .value_o           (counter_rdata)
  );

  quern_trace i_trace (
    .clk_i         (clk_trace),
    .rst_ni        (rst_chip_n),
    .enable_i      (trace_enable),
    .clear_i       (trace_clear),
    .busy_o        (trace_busy),
    .cycle_i       (cycle[31:0]),
    .start_i       (ev_start),
    .start_index_i (ev_start_index),
    .end_i         (ev_end),
    .end_index_i   (ev_end_index),
    .head_o        (trace_head),
    .dropped_o     (trace_dropped),
    .re_i          (trace_re),
    .index_i       (trace_index),
    .rdata_o       (trace_rdata)
  );

  // ------------------------------------------------------------------
  // Clocks. Each block has one in the cycles in which something in it can change.
  // ------------------------------------------------------------------
  logic engines_idle;
  assign engines_idle = ld_idle && st_idle && mx_idle && ve_idle;

  quern_clocks i_clocks (
    .clk_i,
    .rst_ni,
    .rst_bus_ni    (rst_n),
    .rst_chip_ni   (rst_chip_n),
    .wake_reset_i  (!rst_n || reset_request || reset_busy),
    .wake_seq_i    (seq_stir),
    .wake_mmu_i    (tr_valid != 3'd0 || touch_valid || !mmu_idle || inval || inval_busy),
    .wake_bus_i    (seq_ar_valid || load_ar_valid || walk_ar_valid || cdma_ar_valid || m_arvalid_o || m_rvalid_i || store_aw_valid ||
                    cdma_aw_valid || m_awvalid_o || store_w_valid || cdma_w_valid || m_wvalid_o || m_bvalid_i || reset_busy),
    .wake_memory_i (!engines_idle || seq_scrub || scrub_busy),
    .wake_count_i  (job_start || seq_running || counter_re),
    .wake_trace_i  (trace_busy || trace_clear || trace_re),
    .wake_load_i   (ld_cmd_valid || !ld_idle || flush),
    .wake_store_i  (st_cmd_valid || !st_idle || flush),
    .wake_matrix_i (mx_cmd_valid || !mx_idle || flush || seq_scrub || matrix_scrub_busy),
    .wake_vector_i (ve_cmd_valid || !ve_idle || flush),
    .clk_reset_o   (clk_reset),
    .clk_seq_o     (clk_seq),
    .clk_mmu_o     (clk_mmu),
    .clk_bus_o     (clk_bus),
    .clk_memory_o  (clk_memory),
    .clk_count_o   (clk_count),
    .clk_trace_o   (clk_trace),
    .clk_load_o    (clk_load),
    .clk_store_o   (clk_store),
    .clk_matrix_o  (clk_matrix),
    .clk_vector_o  (clk_vector)
  );

  assign active_o = (core_run && !core_sleep) || irq_external || irq_timer || job_busy || seq_running || scrub_busy || cdma_busy || fetch_busy ||
                    !mmu_idle || !bus_idle || reset_busy;

endmodule
