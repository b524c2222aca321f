// SPDX-License-Identifier: Apache-2.0
//
// Tightly coupled memory of the control core: TCM_BYTES in four lanes of 32
// bits, word t in lane t % 4.
//
// Instruction port: one word a cycle, never stalls. Data port: four consecutive
// words a cycle, starting at any word, so that core DMA moves a whole bus beat
// whatever the two addresses' alignment; word j of wdata and rdata is the word at
// addr + j. words_i names the words taken part in. A beat only writes
// (be_i != 0 in every word of words_i) or only reads (be_i == 0).
// Read data of both ports comes in the cycle after the request; the data port's
// stays until its next read. Addresses wrap at the end of the memory.
//
// Rejected: a 32-bit data port, which makes a completion record cost the
// firmware 32 cycles instead of 8.
module quern_tcm (
  input  logic         clk_i,

  input  logic         instr_req_i,
  input  logic [13:0]  instr_addr_i,    // words
  output logic [31:0]  instr_rdata_o,

  input  logic [3:0]   words_i,
  input  logic [13:0]  addr_i,          // words
  input  logic [15:0]  be_i,
  input  logic [127:0] wdata_i,
  output logic [127:0] rdata_o
);

  localparam int unsigned ROWS = quern_pkg::TCM_BYTES / 16;

  logic [1:0]   instr_lane_q;
  logic [1:0]   lane_q;                 // lane of word 0 of the last read
  logic [3:0]   lane_req;
  logic [3:0]   lane_wraps;             // lane holds a word of the next row
  logic [15:0]  lane_be;
  logic [127:0] lane_wdata, lane_rdata, instr_rdata;
  logic [11:0]  row, row_next;

  assign row      = addr_i[13:2];
  assign row_next = row + 12'd1;

  assign lane_wraps = {1'b0, addr_i[1:0] == 2'd3, addr_i[1], addr_i[1:0] != 2'd0};

  // Words to lanes: rotate up by the lane of word 0. Lanes below it hold words of the next row.
  always_comb begin : rotate_in
    lane_req   = 4'd0;
    lane_be    = 16'd0;
    lane_wdata = 128'd0;
    if (words_i != 4'd0) begin
      case (addr_i[1:0])
        2'd0: begin
          lane_req   = words_i;
          lane_be    = be_i;
          lane_wdata = wdata_i;
        end
        2'd1: begin
          lane_req   = {words_i[2:0], words_i[3]};
          lane_be    = {be_i[11:0], be_i[15:12]};
          lane_wdata = {wdata_i[95:0], wdata_i[127:96]};
        end
        2'd2: begin
          lane_req   = {words_i[1:0], words_i[3:2]};
          lane_be    = {be_i[7:0], be_i[15:8]};
          lane_wdata = {wdata_i[63:0], wdata_i[127:64]};
        end
        default: begin
          lane_req   = {words_i[0], words_i[3:1]};
          lane_be    = {be_i[3:0], be_i[15:4]};
          lane_wdata = {wdata_i[31:0], wdata_i[127:32]};
        end
      endcase
    end
  end

  for (genvar l = 0; l < 4; l = l + 1) begin : g_lane
    logic instr_hit;
    assign instr_hit = instr_req_i && instr_addr_i[1:0] == 2'(l);

    quern_sram_1r1rw #(.WIDTH(32), .DEPTH(ROWS)) i_sram (
      .clk_i,
      .a_req_i   (instr_hit),
      .a_addr_i  (instr_addr_i[13:2]),
      .a_rdata_o (instr_rdata[32*l +: 32]),
      .b_req_i   (lane_req[l]),
      .b_be_i    (lane_be[4*l +: 4]),
      .b_addr_i  (lane_wraps[l] ? row_next : row),
      .b_wdata_i (lane_wdata[32*l +: 32]),
      .b_rdata_o (lane_rdata[32*l +: 32])
    );
  end

  always_ff @(posedge clk_i) begin : lanes
    if (instr_req_i)
      instr_lane_q <= instr_addr_i[1:0];
    if (words_i != 4'd0 && be_i == 16'd0)
      lane_q <= addr_i[1:0];
  end

  always_comb begin : select_instr
    case (instr_lane_q)
      2'd0:    instr_rdata_o = instr_rdata[31:0];
      2'd1:    instr_rdata_o = instr_rdata[63:32];
      2'd2:    instr_rdata_o = instr_rdata[95:64];
      default: instr_rdata_o = instr_rdata[127:96];
    endcase
  end

  always_comb begin : rotate_out
    case (lane_q)
      2'd0:    rdata_o = lane_rdata;
      2'd1:    rdata_o = {lane_rdata[31:0], lane_rdata[127:32]};
      2'd2:    rdata_o = {lane_rdata[63:0], lane_rdata[127:64]};
      default: rdata_o = {lane_rdata[95:0], lane_rdata[127:96]};
    endcase
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // A beat must not read some words and write others.
    a_one_direction: assert (be_i == 16'd0 || words_i == {be_i[15:12] != 4'd0, be_i[11:8] != 4'd0,
                                                          be_i[7:4] != 4'd0, be_i[3:0] != 4'd0});
  end
`endif

endmodule
