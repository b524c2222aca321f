// SPDX-License-Identifier: Apache-2.0
//
// Matrix engine, vector engine and accumulators; the scratchpad is the test's.
// dump_i reads accumulators while the vector engine is idle.
module engines_bench #(
  parameter int unsigned N = 16,
  parameter int unsigned SPM_BYTES = 65536
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           scrub_i,
  output logic                           scrub_busy_o,
  input  logic [511:0]                   cmd_i,
  input  logic [23:0]                    cmd_index_i,

  input  logic                           mx_valid_i,
  output logic                           mx_ready_o,
  output logic                           mx_done_o,
  output logic                           mx_fault_o,
  output logic [7:0]                     mx_fault_kind_o,
  output logic [39:0]                    mx_fault_addr_o,
  output logic [23:0]                    mx_fault_index_o,
  input  logic                           mx_flush_i,
  output logic                           mx_idle_o,
  output logic [2:0]                     mx_events_o,   // scratchpad stall, weight stall, busy

  input  logic                           ve_valid_i,
  output logic                           ve_ready_o,
  output logic                           ve_done_o,
  output logic                           ve_fault_o,
  output logic [7:0]                     ve_fault_kind_o,
  output logic [39:0]                    ve_fault_addr_o,
  output logic [23:0]                    ve_fault_index_o,
  input  logic                           ve_flush_i,
  output logic                           ve_idle_o,
  output logic [2:0]                     ve_events_o,   // scratchpad stall, parameter stall, busy

  output logic                           ifm_req_o,
  output logic [23:0]                    ifm_addr_o,
  input  logic                           ifm_gnt_i,
  input  logic [N*8-1:0]                 ifm_rdata_i,
  output logic                           w_req_o,
  output logic [$clog2(SPM_BYTES/N)-1:0] w_addr_o,
  input  logic                           w_gnt_i,
  input  logic [N*8-1:0]                 w_rdata_i,
  output logic                           va_req_o,
  output logic [$clog2(SPM_BYTES/N)-1:0] va_addr_o,
  input  logic                           va_gnt_i,
  input  logic [N*8-1:0]                 va_rdata_i,
  output logic                           vb_req_o,
  output logic [$clog2(SPM_BYTES/N)-1:0] vb_addr_o,
  input  logic                           vb_gnt_i,
  input  logic [N*8-1:0]                 vb_rdata_i,
  output logic                           vw_req_o,
  output logic [$clog2(SPM_BYTES/N)-1:0] vw_addr_o,
  output logic [N*8-1:0]                 vw_wdata_o,
  input  logic                           vw_gnt_i,

  input  logic                           dump_i,
  input  logic [9:0]                     dump_addr_i,
  output logic [N*32-1:0]                dump_rdata_o
);

  logic            mx_scrub_busy, acc_scrub_busy;
  logic            acc_re, acc_we, vx_req, vx_gnt;
  logic [9:0]      acc_raddr, acc_waddr, vx_addr;
  logic [N*32-1:0] acc_wdata, acc_rdata0, acc_rdata1;
  logic            dump_bank_q;

  assign scrub_busy_o = mx_scrub_busy || acc_scrub_busy;
  assign dump_rdata_o = dump_bank_q ? acc_rdata1 : acc_rdata0;

  always_ff @(posedge clk_i)
    dump_bank_q <= dump_addr_i[9];

  quern_matrix #(.N(N), .SPM_BYTES(SPM_BYTES)) i_matrix (
    .clk_i, .rst_ni, .scrub_i, .scrub_busy_o(mx_scrub_busy),
    .cmd_valid_i(mx_valid_i), .cmd_i, .cmd_index_i, .cmd_ready_o(mx_ready_o), .done_o(mx_done_o),
    .fault_o(mx_fault_o), .fault_kind_o(mx_fault_kind_o), .fault_addr_o(mx_fault_addr_o),
    .fault_index_o(mx_fault_index_o), .flush_i(mx_flush_i), .idle_o(mx_idle_o),
    .ev_busy_o(mx_events_o[0]), .ev_stall_weight_o(mx_events_o[1]), .ev_stall_spm_o(mx_events_o[2]),
    .ifm_req_o, .ifm_addr_o, .ifm_gnt_i, .ifm_rdata_i, .w_req_o, .w_addr_o, .w_gnt_i, .w_rdata_i,
    .acc_re_o(acc_re), .acc_raddr_o(acc_raddr), .acc_rdata0_i(acc_rdata0), .acc_rdata1_i(acc_rdata1),
    .acc_we_o(acc_we), .acc_waddr_o(acc_waddr), .acc_wdata_o(acc_wdata));

  quern_acc #(.N(N)) i_acc (
    .clk_i, .rst_ni, .scrub_i, .scrub_busy_o(acc_scrub_busy),
    .mx_re_i(acc_re), .mx_raddr_i(acc_raddr), .mx_we_i(acc_we), .mx_waddr_i(acc_waddr), .mx_wdata_i(acc_wdata),
    .vx_req_i(vx_req || dump_i), .vx_addr_i(dump_i ? dump_addr_i : vx_addr), .vx_gnt_o(vx_gnt),
    .rdata0_o(acc_rdata0), .rdata1_o(acc_rdata1));

  quern_vector #(.N(N), .SPM_BYTES(SPM_BYTES)) i_vector (
    .clk_i, .rst_ni,
    .cmd_valid_i(ve_valid_i), .cmd_i, .cmd_index_i, .cmd_ready_o(ve_ready_o), .done_o(ve_done_o),
    .fault_o(ve_fault_o), .fault_kind_o(ve_fault_kind_o), .fault_addr_o(ve_fault_addr_o),
    .fault_index_o(ve_fault_index_o), .flush_i(ve_flush_i), .idle_o(ve_idle_o),
    .ev_busy_o(ve_events_o[0]), .ev_stall_param_o(ve_events_o[1]), .ev_stall_spm_o(ve_events_o[2]),
    .va_req_o, .va_addr_o, .va_gnt_i, .va_rdata_i, .vb_req_o, .vb_addr_o, .vb_gnt_i, .vb_rdata_i,
    .vw_req_o, .vw_addr_o, .vw_wdata_o, .vw_gnt_i,
    .acc_req_o(vx_req), .acc_addr_o(vx_addr), .acc_gnt_i(vx_gnt && !dump_i),
    .acc_rdata0_i(acc_rdata0), .acc_rdata1_i(acc_rdata1));

endmodule
