// SPDX-License-Identifier: Apache-2.0
//
// Doorbells and interrupts, both ways, with their registers: IRQ_*, *DOORBELL,
// DB_*, ADMIN_TAIL, CORE_IRQ_*.
//
// To the host: irq_o pulses for a vector when its IRQ_STATUS bit rises while
// enabled, or when it is set and becomes enabled. A raise in the cycle of its
// acknowledgement counts as new. To the core: doorbells and events set sticky
// causes; irq_external_o is the level of the enabled ones. Events win over a
// write of 1 in the same cycle.
//
// acc_*: register access of this cycle; rdata_o is combinational and zero for
// registers of others.
module quern_regs_irq (
  input  logic                              clk_i,
  input  logic                              rst_ni,

  input  logic                              acc_valid_i,
  input  logic                              acc_host_i,
  input  logic                              acc_we_i,
  input  logic [17:0]                       acc_addr_i,
  input  logic [31:0]                       acc_wdata_i,
  output logic [31:0]                       rdata_o,

  input  logic [31:0]                       cycle_i,
  input  logic                              watchdog_i,   // pulses
  input  logic                              job_end_i,
  input  logic                              cdma_done_i,
  input  logic [quern_pkg::NUM_VECTORS-1:0] cdma_raise_i, // pulse: vectors
  output logic                              ring_o,       // pulse: a context's doorbell, and whose
  output logic [3:0]                        ring_ctx_o,

  output logic [quern_pkg::NUM_VECTORS-1:0] irq_o,
  output logic                              irq_external_o
);

  localparam int unsigned VECTORS = quern_pkg::NUM_VECTORS;
  localparam int unsigned CTX_BITS = $clog2(quern_pkg::NUM_CTX);
  localparam int unsigned VEC_WATCHDOG = 3;
  // Positions in CORE_IRQ_STATUS
  localparam int unsigned CAUSE_DOORBELL = 0;
  localparam int unsigned CAUSE_ADMIN = 1;
  localparam int unsigned CAUSE_JOB = 2;
  localparam int unsigned CAUSE_CDMA = 3;

  logic host_write, core_write;
  assign host_write = acc_valid_i && acc_we_i && acc_host_i;
  assign core_write = acc_valid_i && acc_we_i && !acc_host_i;

  // To the host

  logic [VECTORS-1:0] status_q, enable_q;
  logic [VECTORS-1:0] raise, kept, enable_d;

  always_comb begin : vectors
    raise    = cdma_raise_i;
    kept     = status_q;
    enable_d = enable_q;
    if (core_write && acc_addr_i == quern_pkg::REG_IRQ_RAISE)
      raise = raise | acc_wdata_i[VECTORS-1:0];
    if (watchdog_i)
      raise[VEC_WATCHDOG] = 1'b1;
    if (host_write && acc_addr_i == quern_pkg::REG_IRQ_STATUS)
      kept = status_q & ~acc_wdata_i[VECTORS-1:0];
    if (host_write && acc_addr_i == quern_pkg::REG_IRQ_ENABLE)
      enable_d = acc_wdata_i[VECTORS-1:0];
  end

  always_ff @(posedge clk_i) begin : host_irq
    if (!rst_ni) begin
      status_q <= '0;
      enable_q <= '0;
      irq_o    <= '0;
    end else if (host_write || raise != '0 || irq_o != '0) begin
      status_q <= kept | raise;
      enable_q <= enable_d;
      irq_o    <= ((raise & ~kept) & enable_d) | ((kept | raise) & enable_d & ~enable_q);
    end
  end

  // To the core

  logic [3:0]                    cause_q, cause_set, cause_clear, cause_enable_q;
  logic [quern_pkg::NUM_CTX-1:0] pending_q;
  logic [31:0]                   admin_tail_q;
  logic [31:0]                   tail_q [0:quern_pkg::NUM_CTX-1];
  logic [31:0]                   time_q [0:quern_pkg::NUM_CTX-1];
  logic                          ring, ring_admin;
  logic [CTX_BITS-1:0]           ring_ctx;

  // Only the first word of a doorbell page is a register.
  assign ring       = host_write && acc_addr_i[17:16] == quern_pkg::REG_DOORBELL[17:16] && acc_addr_i[11:0] == 12'd0;
  assign ring_ctx   = acc_addr_i[12 +: CTX_BITS];
  assign ring_o     = ring;
  assign ring_ctx_o = ring_ctx;
  assign ring_admin = host_write && acc_addr_i == quern_pkg::REG_ADMIN_DOORBELL;

  always_comb begin : causes
    cause_set                 = 4'd0;
    cause_set[CAUSE_DOORBELL] = ring;
    cause_set[CAUSE_ADMIN]    = ring_admin;
    cause_set[CAUSE_JOB]      = job_end_i;
    cause_set[CAUSE_CDMA]     = cdma_done_i;
    cause_clear               = 4'd0;
    if (core_write && acc_addr_i == quern_pkg::REG_CORE_IRQ_STATUS)
      cause_clear = acc_wdata_i[3:0];
  end

  assign irq_external_o = (cause_q & cause_enable_q) != 4'd0;

  always_ff @(posedge clk_i) begin : core_irq
    if (!rst_ni) begin
      cause_q        <= 4'd0;
      cause_enable_q <= 4'd0;
      pending_q      <= '0;
      admin_tail_q   <= 32'd0;
    end else if (host_write || core_write || cause_set != 4'd0) begin
      cause_q <= (cause_q & ~cause_clear) | cause_set;
      if (core_write && acc_addr_i == quern_pkg::REG_CORE_IRQ_ENABLE)
        cause_enable_q <= acc_wdata_i[3:0];
      if (core_write && acc_addr_i == quern_pkg::REG_DB_PENDING)
        pending_q <= pending_q & ~acc_wdata_i[quern_pkg::NUM_CTX-1:0];
      if (ring_admin)
        admin_tail_q <= acc_wdata_i;
      if (ring)
        pending_q[ring_ctx] <= 1'b1;
    end
  end

  // Not reset: DB_PENDING says which are meaningful.
  always_ff @(posedge clk_i) begin : tails
    if (ring) begin
      tail_q[ring_ctx] <= acc_wdata_i;
      time_q[ring_ctx] <= cycle_i;
    end
  end

  // Read

  logic [3:0] read_word;
  assign read_word = acc_addr_i[5:2];

  always_comb begin : read
    rdata_o = 32'd0;
    if (acc_valid_i && !acc_we_i) begin
      if (acc_addr_i == quern_pkg::REG_IRQ_STATUS)
        rdata_o = 32'(status_q);
      else if (acc_addr_i == quern_pkg::REG_IRQ_ENABLE)
        rdata_o = 32'(enable_q);
      else if (!acc_host_i && acc_addr_i[17:8] == quern_pkg::REG_CORE_IRQ_STATUS[17:8]) begin
        case (acc_addr_i)
          quern_pkg::REG_CORE_IRQ_STATUS: rdata_o = 32'(cause_q);
          quern_pkg::REG_CORE_IRQ_ENABLE: rdata_o = 32'(cause_enable_q);
          quern_pkg::REG_DB_PENDING:      rdata_o = 32'(pending_q);
          quern_pkg::REG_ADMIN_TAIL:      rdata_o = admin_tail_q;
          default: begin
            if (acc_addr_i[7:6] == quern_pkg::REG_DB_TAIL[7:6])
              rdata_o = tail_q[read_word];
            if (acc_addr_i[7:6] == quern_pkg::REG_DB_TIME[7:6])
              rdata_o = time_q[read_word];
          end
        endcase
      end
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    if (rst_ni) begin
      // A vector must not be sent while it is disabled or not raised.
      a_irq_enabled: assert ((irq_o & ~(status_q & enable_q)) == '0);
      // The host must not be able to write the core's registers.
      a_host_core: assert (!(host_write && cause_clear != 4'd0));
      // A status bit must not fall unless the host has acknowledged.
      a_status_sticky: assert ((status_q & ~(kept | raise)) == '0 || host_write);
    end
  end
`endif

endmodule
