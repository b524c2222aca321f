// SPDX-License-Identifier: Apache-2.0
//
// The 16 SRAMs of the scratchpad with their input and output multiplexers.
// An index is {row, bank}. The arbiter in quern_spm makes sure that in one cycle
// no two enabled ports name the same bank. Read data is valid in the cycle after
// the enable, and in no other. scrub_i zeroes row scrub_row_i of every bank; no
// port is enabled then.
//
// The module has two descriptions of the same hardware. With SYNTHESIS it is
// 16 macros and multiplexers. Without, it is one array that only the enabled
// ports touch: as 16 instances the scratchpad alone cost 150 ns a cycle of
// simulation, because every bank's multiplexers are evaluated in every cycle.
// tests/rtl/dma runs the same traffic through both against the same model.
module quern_spm_banks #(
  parameter int unsigned WIDTH = 128,
  parameter int unsigned ROWS = 2048
) (
  input  logic                    clk_i,

  input  logic                    r0_en_i,
  input  logic [$clog2(ROWS)+3:0] r0_idx_i,
  output logic [WIDTH-1:0]        r0_data_o,
  input  logic                    r1_en_i,
  input  logic [$clog2(ROWS)+3:0] r1_idx_i,
  output logic [WIDTH-1:0]        r1_data_o,
  input  logic                    r2_en_i,
  input  logic [$clog2(ROWS)+3:0] r2_idx_i,
  output logic [WIDTH-1:0]        r2_data_o,
  input  logic                    r3_en_i,
  input  logic [$clog2(ROWS)+3:0] r3_idx_i,
  output logic [WIDTH-1:0]        r3_data_o,
  input  logic                    r4_en_i,
  input  logic [$clog2(ROWS)+3:0] r4_idx_i,
  output logic [WIDTH-1:0]        r4_data_o,
  input  logic                    r5_en_i,
  input  logic [$clog2(ROWS)+3:0] r5_idx_i,
  output logic [WIDTH-1:0]        r5_data_o,

  input  logic                    w0_en_i,
  input  logic [$clog2(ROWS)+3:0] w0_idx_i,
  input  logic [WIDTH-1:0]        w0_data_i,
  input  logic                    w1_en_i,
  input  logic [$clog2(ROWS)+3:0] w1_idx_i,
  input  logic [WIDTH-1:0]        w1_data_i,
  input  logic [WIDTH/8-1:0]      w1_be_i,

  input  logic                    scrub_i,
  input  logic [$clog2(ROWS)-1:0] scrub_row_i
);

  localparam int unsigned BANKS = 16;

`ifdef SYNTHESIS

  localparam int unsigned ROW_W = $clog2(ROWS);

  // Flat: yosys drops instances whose output is an element of an array.
  logic [BANKS*WIDTH-1:0] rdata;

  for (genvar b = 0; b < BANKS; b = b + 1) begin : g_bank
    logic r0, r1, r2, r3, r4, r5, w0, w1;
    logic [ROW_W-1:0] row;

    assign r0 = r0_en_i && r0_idx_i[3:0] == 4'(b);
    assign r1 = r1_en_i && r1_idx_i[3:0] == 4'(b);
    assign r2 = r2_en_i && r2_idx_i[3:0] == 4'(b);
    assign r3 = r3_en_i && r3_idx_i[3:0] == 4'(b);
    assign r4 = r4_en_i && r4_idx_i[3:0] == 4'(b);
    assign r5 = r5_en_i && r5_idx_i[3:0] == 4'(b);
    assign w0 = w0_en_i && w0_idx_i[3:0] == 4'(b);
    assign w1 = w1_en_i && w1_idx_i[3:0] == 4'(b);

    assign row = ({ROW_W{r0}} & r0_idx_i[4 +: ROW_W]) | ({ROW_W{r1}} & r1_idx_i[4 +: ROW_W]) |
                 ({ROW_W{r2}} & r2_idx_i[4 +: ROW_W]) | ({ROW_W{r3}} & r3_idx_i[4 +: ROW_W]) |
                 ({ROW_W{r4}} & r4_idx_i[4 +: ROW_W]) | ({ROW_W{r5}} & r5_idx_i[4 +: ROW_W]) |
                 ({ROW_W{w0}} & w0_idx_i[4 +: ROW_W]) | ({ROW_W{w1}} & w1_idx_i[4 +: ROW_W]) |
                 ({ROW_W{scrub_i}} & scrub_row_i);

    quern_sram_1rw #(.WIDTH(WIDTH), .DEPTH(ROWS)) u_sram (
      .clk_i,
      .req_i  (r0 || r1 || r2 || r3 || r4 || r5 || w0 || w1 || scrub_i),
      .we_i   (w0 || w1 || scrub_i),
      .be_i   (w1 ? w1_be_i : '1),
      .addr_i (row),
      .wdata_i(({WIDTH{w0}} & w0_data_i) | ({WIDTH{w1}} & w1_data_i)),
      .rdata_o(rdata[WIDTH*b +: WIDTH])
    );
  end

  logic [3:0] r0_bank_q, r1_bank_q, r2_bank_q, r3_bank_q, r4_bank_q, r5_bank_q;

  always_ff @(posedge clk_i) begin : read_banks
    if (r0_en_i) r0_bank_q <= r0_idx_i[3:0];
    if (r1_en_i) r1_bank_q <= r1_idx_i[3:0];
    if (r2_en_i) r2_bank_q <= r2_idx_i[3:0];
    if (r3_en_i) r3_bank_q <= r3_idx_i[3:0];
    if (r4_en_i) r4_bank_q <= r4_idx_i[3:0];
    if (r5_en_i) r5_bank_q <= r5_idx_i[3:0];
  end

  assign r0_data_o = rdata[WIDTH*r0_bank_q +: WIDTH];
  assign r1_data_o = rdata[WIDTH*r1_bank_q +: WIDTH];
  assign r2_data_o = rdata[WIDTH*r2_bank_q +: WIDTH];
  assign r3_data_o = rdata[WIDTH*r3_bank_q +: WIDTH];
  assign r4_data_o = rdata[WIDTH*r4_bank_q +: WIDTH];
  assign r5_data_o = rdata[WIDTH*r5_bank_q +: WIDTH];

`else

  logic [WIDTH-1:0] mem_q [0:BANKS*ROWS-1];

  // Blocking assignments to mem_q: only this block touches it, and an array
  // written without delay simulates faster.
  // verilator lint_off BLKSEQ
  always_ff @(posedge clk_i) begin : access
    int unsigned i;
    i = 0;
    if (r0_en_i) r0_data_o <= mem_q[r0_idx_i];
    if (r1_en_i) r1_data_o <= mem_q[r1_idx_i];
    if (r2_en_i) r2_data_o <= mem_q[r2_idx_i];
    if (r3_en_i) r3_data_o <= mem_q[r3_idx_i];
    if (r4_en_i) r4_data_o <= mem_q[r4_idx_i];
    if (r5_en_i) r5_data_o <= mem_q[r5_idx_i];
    if (w0_en_i)
      mem_q[w0_idx_i] = w0_data_i;
    if (w1_en_i) begin
      if (&w1_be_i)
        mem_q[w1_idx_i] = w1_data_i;
      else
        for (i = 0; i < WIDTH / 8; i = i + 1)
          if (w1_be_i[i])
            mem_q[w1_idx_i][8*i +: 8] = w1_data_i[8*i +: 8];
    end
    if (scrub_i)
      for (i = 0; i < BANKS; i = i + 1)
        mem_q[{scrub_row_i, 4'(i)}] = '0;
  end
  // verilator lint_on BLKSEQ

`endif

endmodule
