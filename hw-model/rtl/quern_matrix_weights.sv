// SPDX-License-Identifier: Apache-2.0
//
// Fetches blocks of weights, row by row, ahead of their use.
//
// load_i takes a command; its blocks follow each other in memory, so the address
// only counts up. full_o says that the shadow bank of quern_mac holds, or will
// hold in time, the next block: rows are granted one cycle before their data and
// the block is swapped in two cycles after take_i, the first use of it.
// While the bank is full, one row more is fetched: it waits in the skid register,
// so that blocks stream at one row a cycle even if each is used for one vector.
//
// A row outside the scratchpad ends fetching: fault_o, with its address, stands
// for the block that full_o would have announced.
//
// idle_o: every block of the command has been fetched, the next may be loaded.
module quern_matrix_weights #(
  parameter int unsigned N = 16,
  parameter int unsigned SPM_BYTES = 524288
) (
  input  logic                           clk_i,
  input  logic                           en_i,      // low only if there is nothing to do
  input  logic                           clear_i,   // drop everything

  input  logic                           load_i,
  // Only the fields that describe weights are looked at.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [511:0]                   cmd_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic                           idle_o,

  input  logic                           take_i,
  input  logic                           swap_i,
  output logic                           full_o,
  output logic                           fault_o,
  output logic [23:0]                    fault_addr_o,

  output logic                           w_req_o,
  output logic [$clog2(SPM_BYTES/N)-1:0] w_addr_o,
  input  logic                           w_gnt_i,

  output logic                           mac_w_o,
  output logic                           mac_hold_o,
  output logic                           mac_unskid_o,
  output logic                           mac_clear_o,
  output logic [$clog2(N)-1:0]           mac_row_o
);

  localparam int unsigned LANE_W = $clog2(N);
  localparam int unsigned VEC_W  = $clog2(SPM_BYTES / N);

  // verilator lint_off UNUSEDSIGNAL
  quern_pkg::cmd_conv_t   cv;   // each engine part reads its own fields
  quern_pkg::cmd_dwconv_t dw;
  // verilator lint_on UNUSEDSIGNAL
  assign cv = cmd_i;
  assign dw = cmd_i;

  logic              run_q, dw_q, full_q, early_q;
  logic [23:0]       addr_q;
  logic [LANE_W-1:0] row_q, last_row_q;
  logic [15:0]       k0_m1_q, k1_m1_q, k0_left_q, k1_left_q, k2_left_q;

  // The row whose data arrives, and the row in the skid register.
  logic              data_q, data_clear_q, data_early_q, skid_q, skid_clear_q;
  logic [LANE_W-1:0] data_row_q;

  logic in_bounds, granted;

  assign idle_o       = !run_q;
  assign full_o       = full_q;
  assign fault_addr_o = addr_q;
  assign w_addr_o     = addr_q[LANE_W +: VEC_W];
  assign granted      = w_req_o && w_gnt_i;

  // Grouped by the state that they need, because an idle engine then simulates for
  // next to nothing.
  always_comb begin : request
    in_bounds = 1'b0;
    w_req_o   = 1'b0;
    fault_o   = 1'b0;
    if (run_q) begin
      in_bounds = 25'(addr_q) + 25'(N) <= 25'(SPM_BYTES);
      w_req_o   = in_bounds && (!full_q || (row_q == 0 && last_row_q != 0 && !early_q));
      fault_o   = !in_bounds && !full_q;
    end
  end

  // A row that arrives while the bank still holds an unused block goes to the skid
  // register, unless this very cycle swaps the block in.
  assign mac_w_o   = data_q;
  assign mac_row_o = data_row_q;
  always_comb begin : arrival
    mac_hold_o   = 1'b0;
    mac_unskid_o = 1'b0;
    mac_clear_o  = 1'b0;
    if (data_q || skid_q) begin
      mac_hold_o   = data_early_q && !swap_i;
      mac_unskid_o = skid_q && swap_i;
      mac_clear_o  = mac_unskid_o ? skid_clear_q : data_clear_q;
    end
  end

  always_ff @(posedge clk_i) begin : fetch
    logic last_row, is_dw;
    last_row = 1'b0;
    is_dw    = 1'b0;
    if (en_i) begin
      if (data_q && mac_hold_o) begin
        skid_q       <= 1'b1;
        skid_clear_q <= data_clear_q;
      end else if (swap_i) begin
        skid_q <= 1'b0;
      end
      data_q       <= granted;
      data_row_q   <= row_q;
      data_clear_q <= dw_q && row_q == 0;
      data_early_q <= granted && full_q;
      early_q      <= full_q && !take_i && (early_q || granted);
      if (take_i)
        full_q <= 1'b0;

      if (granted) begin
        last_row = row_q == last_row_q;
        addr_q <= addr_q + 24'(N);
        row_q  <= last_row ? '0 : row_q + 1'b1;
        if (last_row) begin
          full_q <= 1'b1;
          run_q  <= (k0_left_q | k1_left_q | k2_left_q) != 0;
          if (k0_left_q != 0) begin
            k0_left_q <= k0_left_q - 16'd1;
          end else begin
            k0_left_q <= k0_m1_q;
            if (k1_left_q != 0) begin
              k1_left_q <= k1_left_q - 16'd1;
            end else begin
              k1_left_q <= k1_m1_q;
              k2_left_q <= k2_left_q - 16'd1;
            end
          end
        end
      end

      if (load_i) begin
        is_dw = cmd_i[7:0] == quern_pkg::OP_DWCONV;
        run_q      <= 1'b1;
        dw_q       <= is_dw;
        addr_q     <= cv.w_base;
        row_q      <= '0;
        last_row_q <= is_dw ? LANE_W'(dw.kw[2:0] * dw.kh[1:0] - 5'd1) : LANE_W'(N - 1);
        k0_m1_q    <= cv.k0 - 16'd1;
        k1_m1_q    <= cv.k1 - 16'd1;
        k0_left_q  <= is_dw ? 16'd0 : cv.k0 - 16'd1;
        k1_left_q  <= is_dw ? 16'd0 : cv.k1 - 16'd1;
        k2_left_q  <= is_dw ? 16'd0 : cv.k2 - 16'd1;
      end

      if (clear_i) begin
        run_q        <= 1'b0;
        full_q       <= 1'b0;
        early_q      <= 1'b0;
        data_q       <= 1'b0;
        skid_q       <= 1'b0;
        data_early_q <= 1'b0;
      end
    end
  end

endmodule
