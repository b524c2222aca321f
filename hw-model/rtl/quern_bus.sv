// SPDX-License-Identifier: Apache-2.0
//
// Bus arbiter: four read and two write clients onto one AXI4 master.
//
// Client protocol: docs/rtl-interfaces.md. Read data, last and error are shared by all clients; each has its own valid.
// The AXI ID is the client, so that responses of different clients may pass each other and no reordering is needed.
// At most MAX_READS bursts per client are outstanding, and as many write bursts in all.
//
// Priority of reads: walker, core DMA, then sequencer and load in turn. Nothing starves: the walker has at most four
// reads in flight and core DMA one transfer, both small, and each waits for its answer before it asks again.
// Writes: store and core DMA in turn; the data of a burst follows its address without gaps from the other client.
//
// Timing: every output to the bus is a register, and nothing that comes from the bus reaches a client but through one.
// Address and write data pass in one cycle, read data and responses in one. A request may be accepted every cycle; write
// bursts follow each other without a gap.
//
// drain_i (level) is for a chip reset: nothing new is accepted, a write burst that has begun is finished with no byte
// enabled, reads are answered to nobody. When idle_o rises nothing of the chip is left on the bus.
//
// Rejected: interleaving beats of two write bursts (AXI4 forbids it); dropping outstanding reads at reset (the host
// answers them regardless, to whoever asks next).
module quern_bus #(
  parameter int unsigned BUS_BYTES = 16,
  parameter int unsigned MAX_READS = 32
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   drain_i,
  output logic                   idle_o,

  // Read clients
  input  logic                   seq_ar_valid_i,
  input  logic [55:0]            seq_ar_addr_i,
  input  logic [7:0]             seq_ar_len_i,
  output logic                   seq_ar_ready_o,
  output logic                   seq_r_valid_o,

  input  logic                   load_ar_valid_i,
  input  logic [55:0]            load_ar_addr_i,
  input  logic [7:0]             load_ar_len_i,
  output logic                   load_ar_ready_o,
  output logic                   load_r_valid_o,

  input  logic                   walk_ar_valid_i,
  input  logic [55:0]            walk_ar_addr_i,
  input  logic [7:0]             walk_ar_len_i,
  output logic                   walk_ar_ready_o,
  output logic                   walk_r_valid_o,

  input  logic                   cdma_ar_valid_i,
  input  logic [55:0]            cdma_ar_addr_i,
  input  logic [7:0]             cdma_ar_len_i,
  output logic                   cdma_ar_ready_o,
  output logic                   cdma_r_valid_o,

  output logic [BUS_BYTES*8-1:0] r_data_o,
  output logic                   r_last_o,
  output logic                   r_err_o,

  // Write clients
  input  logic                   store_aw_valid_i,
  input  logic [55:0]            store_aw_addr_i,
  input  logic [7:0]             store_aw_len_i,
  output logic                   store_aw_ready_o,
  input  logic                   store_w_valid_i,
  input  logic [BUS_BYTES*8-1:0] store_w_data_i,
  input  logic [BUS_BYTES-1:0]   store_w_strb_i,
  input  logic                   store_w_last_i,
  output logic                   store_w_ready_o,
  output logic                   store_b_valid_o,

  input  logic                   cdma_aw_valid_i,
  input  logic [55:0]            cdma_aw_addr_i,
  input  logic [7:0]             cdma_aw_len_i,
  output logic                   cdma_aw_ready_o,
  input  logic                   cdma_w_valid_i,
  input  logic [BUS_BYTES*8-1:0] cdma_w_data_i,
  input  logic [BUS_BYTES-1:0]   cdma_w_strb_i,
  input  logic                   cdma_w_last_i,
  output logic                   cdma_w_ready_o,
  output logic                   cdma_b_valid_o,

  output logic                   b_err_o,

  // A beat was read for the job or its page walks
  output logic                   ev_rd_beat_o,

  // AXI4 master
  output logic                   m_arvalid_o,
  input  logic                   m_arready_i,
  output logic [1:0]             m_arid_o,
  output logic [55:0]            m_araddr_o,
  output logic [7:0]             m_arlen_o,
  input  logic                   m_rvalid_i,
  output logic                   m_rready_o,
  input  logic [1:0]             m_rid_i,
  input  logic [BUS_BYTES*8-1:0] m_rdata_i,
  // Bit 0 of a response only tells exclusive accesses and SLVERR from DECERR.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [1:0]             m_rresp_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic                   m_rlast_i,
  output logic                   m_awvalid_o,
  input  logic                   m_awready_i,
  output logic [1:0]             m_awid_o,
  output logic [55:0]            m_awaddr_o,
  output logic [7:0]             m_awlen_o,
  output logic                   m_wvalid_o,
  input  logic                   m_wready_i,
  output logic [BUS_BYTES*8-1:0] m_wdata_o,
  output logic [BUS_BYTES-1:0]   m_wstrb_o,
  output logic                   m_wlast_o,
  input  logic                   m_bvalid_i,
  output logic                   m_bready_o,
  input  logic [1:0]             m_bid_i,
  // Bit 0 as of m_rresp_i.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [1:0]             m_bresp_i
  // verilator lint_on UNUSEDSIGNAL
);

  // AXI IDs. Write clients use the ID that they have for reads, store that of load.
  localparam logic [1:0] ID_SEQ  = 2'd0;
  localparam logic [1:0] ID_LOAD = 2'd1;
  localparam logic [1:0] ID_WALK = 2'd2;
  localparam logic [1:0] ID_CDMA = 2'd3;

  localparam int unsigned COUNT_BITS = $clog2(MAX_READS + 1);
  localparam logic [55:0] ADDR_MASK = ~(56'(BUS_BYTES) - 56'd1);

  // Reads: address. What the bus has not taken waits behind the output register, so that the clients' ready depends on
  // registers only.

  logic [COUNT_BITS-1:0] rd_count_q [0:3];   // bursts outstanding, by ID
  logic                  turn_load_q;        // load goes first if both ask
  logic                  ar_wait_q;          // the second register holds a burst
  logic [1:0]            ar_wait_id_q;
  logic [55:0]           ar_wait_addr_q;
  logic [7:0]            ar_wait_len_q;
  logic                  ar_free, ar_take;
  logic [3:0]            ar_ask, ar_grant;
  logic [1:0]            ar_id;
  logic [55:0]           ar_addr;
  logic [7:0]            ar_len;

  assign ar_free = !m_arvalid_o || m_arready_i;

  always_comb begin : read_arbiter
    ar_ask   = 4'd0;
    ar_grant = 4'd0;
    ar_id    = ID_SEQ;
    ar_addr  = 56'd0;
    ar_len   = 8'd0;
    if ((seq_ar_valid_i || load_ar_valid_i || walk_ar_valid_i || cdma_ar_valid_i) && !ar_wait_q && !drain_i) begin
      ar_ask[ID_SEQ]  = seq_ar_valid_i && rd_count_q[ID_SEQ] != COUNT_BITS'(MAX_READS);
      ar_ask[ID_LOAD] = load_ar_valid_i && rd_count_q[ID_LOAD] != COUNT_BITS'(MAX_READS);
      ar_ask[ID_WALK] = walk_ar_valid_i && rd_count_q[ID_WALK] != COUNT_BITS'(MAX_READS);
      ar_ask[ID_CDMA] = cdma_ar_valid_i && rd_count_q[ID_CDMA] != COUNT_BITS'(MAX_READS);
      if (ar_ask[ID_WALK])
        ar_id = ID_WALK;
      else if (ar_ask[ID_CDMA])
        ar_id = ID_CDMA;
      else if (ar_ask[ID_LOAD] && (turn_load_q || !ar_ask[ID_SEQ]))
        ar_id = ID_LOAD;
      ar_grant[ar_id] = ar_ask[ar_id];
      case (ar_id)
        ID_SEQ: begin
          ar_addr = seq_ar_addr_i & ADDR_MASK;
          ar_len  = seq_ar_len_i;
        end
        ID_LOAD: begin
          ar_addr = load_ar_addr_i & ADDR_MASK;
          ar_len  = load_ar_len_i;
        end
        ID_WALK: begin
          ar_addr = walk_ar_addr_i & ADDR_MASK;
          ar_len  = walk_ar_len_i;
        end
        default: begin
          ar_addr = cdma_ar_addr_i & ADDR_MASK;
          ar_len  = cdma_ar_len_i;
        end
      endcase
    end
  end

  assign ar_take         = ar_grant != 4'd0;
  assign seq_ar_ready_o  = ar_grant[ID_SEQ];
  assign load_ar_ready_o = ar_grant[ID_LOAD];
  assign walk_ar_ready_o = ar_grant[ID_WALK];
  assign cdma_ar_ready_o = ar_grant[ID_CDMA];

  always_ff @(posedge clk_i) begin : read_address
    if (!rst_ni) begin
      m_arvalid_o <= 1'b0;
      ar_wait_q   <= 1'b0;
      turn_load_q <= 1'b1;
    end else if (ar_take || m_arvalid_o) begin
      if (ar_take)
        turn_load_q <= ar_id != ID_LOAD;
      if (ar_free) begin
        m_arvalid_o <= ar_take || ar_wait_q;
        m_arid_o    <= ar_wait_q ? ar_wait_id_q : ar_id;
        m_araddr_o  <= ar_wait_q ? ar_wait_addr_q : ar_addr;
        m_arlen_o   <= ar_wait_q ? ar_wait_len_q : ar_len;
        ar_wait_q   <= 1'b0;
      end else if (ar_take) begin
        ar_wait_q      <= 1'b1;
        ar_wait_id_q   <= ar_id;
        ar_wait_addr_q <= ar_addr;
        ar_wait_len_q  <= ar_len;
      end
    end
  end

  // Reads: data

  logic       r_end;           // last beat of a burst arrives
  logic       r_valid_q;
  logic [1:0] r_id_q;

  assign m_rready_o = 1'b1;
  assign r_end      = m_rvalid_i && m_rlast_i;

  always_ff @(posedge clk_i) begin : read_count
    if (!rst_ni) begin
      rd_count_q[0] <= '0;
      rd_count_q[1] <= '0;
      rd_count_q[2] <= '0;
      rd_count_q[3] <= '0;
    end else if (!(ar_take && r_end && ar_id == m_rid_i)) begin
      if (ar_take)
        rd_count_q[ar_id] <= rd_count_q[ar_id] + 1'b1;
      if (r_end)
        rd_count_q[m_rid_i] <= rd_count_q[m_rid_i] - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin : read_data
    if (!rst_ni) begin
      r_valid_q <= 1'b0;
    end else if (m_rvalid_i) begin
      r_valid_q <= 1'b1;
      r_id_q    <= m_rid_i;
      r_data_o  <= m_rdata_i;
      r_last_o  <= m_rlast_i;
      r_err_o   <= m_rresp_i[1];
    end else begin
      r_valid_q <= 1'b0;
    end
  end

  assign seq_r_valid_o  = r_valid_q && r_id_q == ID_SEQ && !drain_i;
  assign load_r_valid_o = r_valid_q && r_id_q == ID_LOAD && !drain_i;
  assign walk_r_valid_o = r_valid_q && r_id_q == ID_WALK && !drain_i;
  assign cdma_r_valid_o = r_valid_q && r_id_q == ID_CDMA && !drain_i;
  assign ev_rd_beat_o   = r_valid_q && r_id_q != ID_CDMA;

  // Writes: address. A burst owns the data channel from its address to its last beat.

  logic                  owned_q;            // a burst has data to send
  logic                  owner_cdma_q;
  logic [7:0]            beats_q;            // beats left after this one
  logic                  turn_store_q;
  logic [COUNT_BITS-1:0] wr_count_q;         // bursts without response
  logic                  aw_wait_q;          // as for reads
  logic [1:0]            aw_wait_id_q;
  logic [55:0]           aw_wait_addr_q;
  logic [7:0]            aw_wait_len_q;
  logic                  aw_free, aw_take, aw_cdma, w_take, w_last;
  logic [1:0]            aw_id;
  logic [55:0]           aw_addr;
  logic [7:0]            aw_len;

  assign aw_free = !m_awvalid_o || m_awready_i;
  assign aw_cdma = cdma_aw_valid_i && (!store_aw_valid_i || !turn_store_q);
  assign aw_take = (store_aw_valid_i || cdma_aw_valid_i) && !aw_wait_q && (!owned_q || (w_take && w_last)) &&
                   !drain_i && wr_count_q != COUNT_BITS'(MAX_READS);
  assign aw_id   = aw_cdma ? ID_CDMA : ID_LOAD;
  assign aw_addr = (aw_cdma ? cdma_aw_addr_i : store_aw_addr_i) & ADDR_MASK;
  assign aw_len  = aw_cdma ? cdma_aw_len_i : store_aw_len_i;

  assign store_aw_ready_o = aw_take && !aw_cdma;
  assign cdma_aw_ready_o  = aw_take && aw_cdma;

  always_ff @(posedge clk_i) begin : write_address
    if (!rst_ni) begin
      m_awvalid_o <= 1'b0;
      aw_wait_q   <= 1'b0;
    end else if (aw_take || m_awvalid_o) begin
      if (aw_free) begin
        m_awvalid_o <= aw_take || aw_wait_q;
        m_awid_o    <= aw_wait_q ? aw_wait_id_q : aw_id;
        m_awaddr_o  <= aw_wait_q ? aw_wait_addr_q : aw_addr;
        m_awlen_o   <= aw_wait_q ? aw_wait_len_q : aw_len;
        aw_wait_q   <= 1'b0;
      end else if (aw_take) begin
        aw_wait_q      <= 1'b1;
        aw_wait_id_q   <= aw_id;
        aw_wait_addr_q <= aw_addr;
        aw_wait_len_q  <= aw_len;
      end
    end
  end

  always_ff @(posedge clk_i) begin : write_owner
    if (!rst_ni) begin
      owned_q      <= 1'b0;
      turn_store_q <= 1'b1;
    end else if (aw_take) begin
      owned_q      <= 1'b1;
      owner_cdma_q <= aw_cdma;
      beats_q      <= aw_len;
      turn_store_q <= aw_cdma;
    end else if (w_take) begin
      owned_q <= !w_last;
      beats_q <= beats_q - 8'd1;
    end
  end

  // Writes: data and response

  logic                   b_valid_q;
  logic                   b_cdma_q;
  logic                   w_wait_q;
  logic [BUS_BYTES*8-1:0] w_wait_data_q, w_data;
  logic [BUS_BYTES-1:0]   w_wait_strb_q, w_strb;
  logic                   w_wait_last_q, w_free;

  assign w_free = !m_wvalid_o || m_wready_i;
  assign w_take = owned_q && !w_wait_q && (drain_i || (owner_cdma_q ? cdma_w_valid_i : store_w_valid_i));
  assign w_last = beats_q == 8'd0;
  assign w_data = owner_cdma_q ? cdma_w_data_i : store_w_data_i;
  assign w_strb = drain_i ? '0 : owner_cdma_q ? cdma_w_strb_i : store_w_strb_i;

  assign store_w_ready_o = owned_q && !w_wait_q && !owner_cdma_q && !drain_i;
  assign cdma_w_ready_o  = owned_q && !w_wait_q && owner_cdma_q && !drain_i;

  always_ff @(posedge clk_i) begin : write_data
    if (!rst_ni) begin
      m_wvalid_o <= 1'b0;
      w_wait_q   <= 1'b0;
    end else if (w_take || m_wvalid_o) begin
      if (w_free) begin
        m_wvalid_o <= w_take || w_wait_q;
        m_wdata_o  <= w_wait_q ? w_wait_data_q : w_data;
        m_wstrb_o  <= w_wait_q ? w_wait_strb_q : w_strb;
        m_wlast_o  <= w_wait_q ? w_wait_last_q : w_last;
        w_wait_q   <= 1'b0;
      end else if (w_take) begin
        w_wait_q      <= 1'b1;
        w_wait_data_q <= w_data;
        w_wait_strb_q <= w_strb;
        w_wait_last_q <= w_last;
      end
    end
  end

  assign m_bready_o = 1'b1;

  always_ff @(posedge clk_i) begin : write_response
    if (!rst_ni) begin
      wr_count_q <= '0;
      b_valid_q  <= 1'b0;
    end else begin
      if (aw_take != m_bvalid_i)
        wr_count_q <= m_bvalid_i ? wr_count_q - 1'b1 : wr_count_q + 1'b1;
      b_valid_q <= m_bvalid_i;
      if (m_bvalid_i) begin
        b_cdma_q <= m_bid_i == ID_CDMA;
        b_err_o  <= m_bresp_i[1];
      end
    end
  end

  assign store_b_valid_o = b_valid_q && !b_cdma_q && !drain_i;
  assign cdma_b_valid_o  = b_valid_q && b_cdma_q && !drain_i;

  assign idle_o = rd_count_q[0] == '0 && rd_count_q[1] == '0 && rd_count_q[2] == '0 && rd_count_q[3] == '0 &&
                  wr_count_q == '0 && !r_valid_q && !b_valid_q;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    if (rst_ni) begin
      // A burst must not cross a 4 KiB boundary.
      a_ar_4k: assert (!m_arvalid_o || 32'(m_araddr_o[11:0]) + 32'(m_arlen_o) * BUS_BYTES < 32'd4096);
      a_aw_4k: assert (!m_awvalid_o || 32'(m_awaddr_o[11:0]) + 32'(m_awlen_o) * BUS_BYTES < 32'd4096);
      // A burst must not have more than 16 beats.
      a_ar_len: assert (!m_arvalid_o || m_arlen_o <= 8'd15);
      a_aw_len: assert (!m_awvalid_o || m_awlen_o <= 8'd15);
      // A client's last marker must not disagree with the length that it asked for.
      a_store_last: assert (!(store_w_valid_i && store_w_ready_o) || store_w_last_i == w_last);
      a_cdma_last: assert (!(cdma_w_valid_i && cdma_w_ready_o) || cdma_w_last_i == w_last);
      // An answer must not come to a client that did not ask.
      a_r_asked: assert (!m_rvalid_i || rd_count_q[m_rid_i] != '0);
      a_b_asked: assert (!m_bvalid_i || wr_count_q != '0);
      // At most one client must be granted.
      a_ar_onehot: assert ((ar_grant & (ar_grant - 4'd1)) == 4'd0);
    end
  end
`endif

endmodule
