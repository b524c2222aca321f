// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The firmware's image, its reply to the handshake, its state after a boot, and its log: all of
 * them untrusted.
 */
#include <crypto/sha2.h>

#include <linux/firmware.h>

#include "quern_device.h"
#include "quern_fw.h"
#include "quern_test.h"

#define PAYLOAD 1024 /* bytes of an image's code */

struct image {
	struct quern_fw_image header;
	u8 payload[PAYLOAD];
	u8 more[64]; /* behind the file's end */
};

/* With the right hash for whatever the header says. */
static void image_seal(struct image *image, size_t bytes)
{
	u8 digest[SHA256_DIGEST_SIZE];

	memset(image->header.sha256, 0, sizeof(image->header.sha256));
	sha256((const u8 *)image, bytes, digest);
	memcpy(image->header.sha256, digest, sizeof(digest));
}

static struct image *image_create(struct kunit *test)
{
	struct image *image = kunit_kzalloc(test, sizeof(*image), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, image);
	image->header = (struct quern_fw_image){
		.magic = QUERN_FW_MAGIC,
		.header_bytes = sizeof(image->header),
		.major = QUERN_MESSAGES_MAJOR,
		.minor = QUERN_MESSAGES_MINOR,
		.hw_major = QUERN_REGISTERS_MAJOR,
		.fw_version = 0x00010002,
		.payload_bytes = PAYLOAD,
		.memory_bytes = 2 * PAYLOAD,
	};
	for (u32 i = 0; i < PAYLOAD; i++)
		image->payload[i] = i * 7;
	return image;
}

static int image_check(struct quern_test_chip *chip, const struct image *image, size_t bytes)
{
	const struct firmware fw = { .data = (const u8 *)image, .size = bytes };

	return quern_fw_check(chip->qdev, &fw);
}

#define IMAGE_BYTES (sizeof(struct quern_fw_image) + PAYLOAD)

struct image_case {
	const char *name;
	struct quern_test_field field;
	u32 value;
	bool good;
};

#define IMAGE_FIELD(field) QUERN_TEST_FIELD(struct quern_fw_image, field)

static const struct image_case image_cases[] = {
	{ "magic", IMAGE_FIELD(magic), QUERN_FW_MAGIC ^ 1 },
	{ "no magic", IMAGE_FIELD(magic), 0 },
	{ "short header", IMAGE_FIELD(header_bytes), 127 },
	{ "long header", IMAGE_FIELD(header_bytes), 132 },
	{ "older major", IMAGE_FIELD(major), QUERN_MESSAGES_MAJOR - 1 },
	{ "newer major", IMAGE_FIELD(major), QUERN_MESSAGES_MAJOR + 1 },
	{ "newer minor", IMAGE_FIELD(minor), 0xffff, true },
	{ "older chip", IMAGE_FIELD(hw_major), QUERN_REGISTERS_MAJOR - 1 },
	{ "newer chip", IMAGE_FIELD(hw_major), QUERN_REGISTERS_MAJOR + 1 },
	{ "newer chip's minor", IMAGE_FIELD(hw_minor), 0xffff, true },
	{ "no payload", IMAGE_FIELD(payload_bytes), 0 },
	{ "smaller payload", IMAGE_FIELD(payload_bytes), PAYLOAD - 4 },
	{ "larger payload", IMAGE_FIELD(payload_bytes), PAYLOAD + 4 },
	{ "payload that wraps", IMAGE_FIELD(payload_bytes), -(u32)sizeof(struct quern_fw_image) },
	{ "largest payload", IMAGE_FIELD(payload_bytes), U32_MAX },
	{ "odd address", IMAGE_FIELD(load_addr), 2 },
	{ "last address", IMAGE_FIELD(load_addr), QUERN_TCM_BYTES - 2 * PAYLOAD, true },
	{ "memory over the end", IMAGE_FIELD(load_addr), QUERN_TCM_BYTES - 2 * PAYLOAD + 4 },
	{ "payload over the end", IMAGE_FIELD(load_addr), QUERN_TCM_BYTES - PAYLOAD + 4 },
	{ "address at the end", IMAGE_FIELD(load_addr), QUERN_TCM_BYTES },
	{ "address behind the end", IMAGE_FIELD(load_addr), QUERN_TCM_BYTES + 4 },
	{ "address that wraps", IMAGE_FIELD(load_addr), 0U - PAYLOAD },
	{ "less memory than payload", IMAGE_FIELD(memory_bytes), PAYLOAD - 4 },
	{ "no more memory than payload", IMAGE_FIELD(memory_bytes), PAYLOAD, true },
	{ "all memory", IMAGE_FIELD(memory_bytes), QUERN_TCM_BYTES, true },
	{ "more memory than there is", IMAGE_FIELD(memory_bytes), QUERN_TCM_BYTES + 1 },
	{ "largest memory", IMAGE_FIELD(memory_bytes), U32_MAX },
};

/* One field is wrong, and the hash is right. */
static void fw_test_image_field(struct kunit *test)
{
	struct quern_test_chip *chip = quern_test_chip_create(test);

	for (unsigned int i = 0; i < ARRAY_SIZE(image_cases); i++) {
		const struct image_case *c = &image_cases[i];
		struct image *image = image_create(test);

		image_seal(image, IMAGE_BYTES);
		KUNIT_ASSERT_EQ(test, image_check(chip, image, IMAGE_BYTES), 0);
		quern_test_set(image, c->field, c->value);
		image_seal(image, IMAGE_BYTES);
		KUNIT_EXPECT_EQ_MSG(test, image_check(chip, image, IMAGE_BYTES),
				    c->good ? 0 : -EINVAL, "%s", c->name);
	}
}

/* A file that was cut, or has something behind its end. */
static void fw_test_image_size(struct kunit *test)
{
	static const size_t sizes[] = { 0, 1, 127, 128, 129, 132, IMAGE_BYTES - 4, IMAGE_BYTES - 1,
					IMAGE_BYTES + 1, IMAGE_BYTES + 4, sizeof(struct image) };
	struct quern_test_chip *chip = quern_test_chip_create(test);
	struct image *image = image_create(test);

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		image_seal(image, max(sizes[i], sizeof(image->header)));
		KUNIT_EXPECT_EQ_MSG(test, image_check(chip, image, sizes[i]), -EINVAL, "%zu bytes",
				    sizes[i]);
	}
}

/* Any bit that flips is noticed; in the header by its meaning or by the hash. */
static void fw_test_image_bits(struct kunit *test)
{
	struct quern_test_chip *chip = quern_test_chip_create(test);
	struct image *image = image_create(test);
	const u32 header_bits = 8 * sizeof(image->header);
	u8 *bytes = (u8 *)image;

	image_seal(image, IMAGE_BYTES);
	for (u32 bit = 0; bit < 8 * IMAGE_BYTES; bit += bit < header_bits ? 13 : 397) {
		bytes[bit / 8] ^= BIT(bit % 8);
		KUNIT_ASSERT_NE_MSG(test, image_check(chip, image, IMAGE_BYTES), 0, "bit %u", bit);
		bytes[bit / 8] ^= BIT(bit % 8);
	}
	KUNIT_EXPECT_EQ(test, image_check(chip, image, IMAGE_BYTES), 0);
}

static int fw_boot(struct quern_test_chip *chip)
{
	int ret;

	mutex_lock(&chip->qdev->admin.lock);
	ret = quern_fw_boot(chip->qdev);
	mutex_unlock(&chip->qdev->admin.lock);
	return ret;
}

/* What the driver tells, and that the image is where the header says. */
static void fw_test_boot(struct kunit *test)
{
	struct quern_test_chip *chip = quern_test_chip_create(test);
	struct quern_device *qdev = chip->qdev;
	u64 mem = qdev->fw.mem_dma;

	qdev->fw.header.load_addr = 256;
	for (u32 i = 0; i < qdev->fw.header.payload_bytes / 4; i++)
		qdev->fw.payload[i] = 0x01010101 * (i + 1);
	KUNIT_ASSERT_EQ(test, fw_boot(chip), 0);
	KUNIT_EXPECT_EQ(test, quern_read(qdev, QUERN_REG_TCM(63)), 0);
	KUNIT_EXPECT_EQ(test, quern_read(qdev, QUERN_REG_TCM(64)), 0x01010101);
	KUNIT_EXPECT_EQ(test, quern_read(qdev, QUERN_REG_TCM(79)), 0x10101010);
	KUNIT_EXPECT_EQ(test, quern_read(qdev, QUERN_REG_TCM(80)), 0);
	KUNIT_EXPECT_EQ(test, quern_boot_check(&chip->boot), QUERN_BOOT_ERROR_NONE);
	KUNIT_EXPECT_EQ(test, quern_read(qdev, QUERN_REG_HOST_BOOT_LO), lower_32_bits(mem));
	KUNIT_EXPECT_EQ(test, quern_read(qdev, QUERN_REG_HOST_BOOT_HI), upper_32_bits(mem));
	KUNIT_EXPECT_EQ(test, chip->boot.admin_sq,
			mem + offsetof(struct quern_host_mem, admin_sq));
	KUNIT_EXPECT_EQ(test, chip->boot.admin_cq,
			mem + offsetof(struct quern_host_mem, admin_cq));
	KUNIT_EXPECT_EQ(test, chip->boot.reply, mem + offsetof(struct quern_host_mem, reply));
	KUNIT_EXPECT_EQ(test, chip->boot.log, mem + offsetof(struct quern_host_mem, log));
	KUNIT_EXPECT_LE(test, chip->boot.log - mem + chip->boot.log_bytes, sizeof(*qdev->fw.mem));
	KUNIT_EXPECT_EQ(test, chip->boot.admin_entries, QUERN_ADMIN_ENTRIES);
	KUNIT_EXPECT_EQ(test, qdev->fw.version, chip->reply.fw_version);
	KUNIT_EXPECT_EQ(test, qdev->fw.num_ctx, QUERN_NUM_CTX);
	KUNIT_EXPECT_EQ(test, qdev->fw.features, chip->reply.features);
}

struct reply_case {
	const char *name;
	struct quern_test_field field;
	u64 value;
	bool good;
};

#define REPLY_FIELD(field) QUERN_TEST_FIELD(struct quern_boot_reply, field)

static const struct reply_case reply_cases[] = {
	{ "no magic", REPLY_FIELD(magic), 0 },
	{ "magic of another record", REPLY_FIELD(magic), QUERN_BOOT_MAGIC },
	{ "older major", REPLY_FIELD(major), QUERN_MESSAGES_MAJOR - 1 },
	{ "newer major", REPLY_FIELD(major), QUERN_MESSAGES_MAJOR + 1 },
	{ "newer minor", REPLY_FIELD(minor), 0xffff, true },
	{ "no features", REPLY_FIELD(features), 0, true },
	{ "a feature not offered", REPLY_FIELD(features), BIT_ULL(2) },
	{ "all features", REPLY_FIELD(features), U64_MAX },
	{ "no contexts", REPLY_FIELD(num_ctx), 0 },
	{ "one context", REPLY_FIELD(num_ctx), 1, true },
	{ "one context too many", REPLY_FIELD(num_ctx), QUERN_NUM_CTX + 1 },
	{ "most contexts", REPLY_FIELD(num_ctx), U32_MAX },
	{ "no rings", REPLY_FIELD(max_entries), 0 },
	{ "rings too small", REPLY_FIELD(max_entries), 63 },
	{ "rings just large enough", REPLY_FIELD(max_entries), 64, true },
};

/* One field of the reply is wrong: the chip is halted, and nothing of the reply is kept. */
static void fw_test_reply(struct kunit *test)
{
	struct quern_test_chip *chip = quern_test_chip_create(test);
	const struct quern_boot_reply reply = chip->reply;
	struct quern_device *qdev = chip->qdev;

	for (unsigned int i = 0; i < ARRAY_SIZE(reply_cases); i++) {
		const struct reply_case *c = &reply_cases[i];

		qdev->fw.num_ctx = 0;
		chip->reply = reply;
		quern_test_set(&chip->reply, c->field, c->value);
		KUNIT_EXPECT_EQ_MSG(test, fw_boot(chip), c->good ? 0 : -EPROTO, "%s", c->name);
		KUNIT_EXPECT_EQ_MSG(test, quern_fw_alive(qdev), c->good, "%s", c->name);
		KUNIT_EXPECT_EQ_MSG(test, qdev->fw.num_ctx != 0, c->good, "%s", c->name);
	}
}

struct progress_case {
	const char *name;
	u32 addr;
	u32 stride;
	bool good;
};

static const struct progress_case progress_cases[] = {
	{ "none", 0, 0, false },
	{ "no address", 0, 4, false },
	{ "no distance", 0x1000, 0, false },
	{ "words", 0x1000, 4, true },
	{ "structures", 0x1000, 0x88, true },
	{ "odd address", 0x1002, 4, false },
	{ "odd distance", 0x1000, 6, false },
	{ "to the end", 0xffc0, 4, true },
	{ "over the end", 0xffc4, 4, false },
	{ "far over the end", 0xfffc, 0xfffc, false },
	{ "large distance", 4, 0x1110, true },
	{ "distance a word too large", 0x10, 0x1114, false },
};

/* Where the firmware says that it notes its progress: inside of its memory, or nowhere. */
static void fw_test_progress(struct kunit *test)
{
	struct quern_test_chip *chip = quern_test_chip_create(test);

	for (unsigned int i = 0; i < ARRAY_SIZE(progress_cases); i++) {
		const struct progress_case *c = &progress_cases[i];

		chip->reply.progress_addr = c->addr;
		chip->reply.progress_stride = c->stride;
		KUNIT_ASSERT_EQ(test, fw_boot(chip), 0);
		for (u32 slot = 0; slot < QUERN_NUM_CTX; slot++) {
			u32 want = c->good ? slot + 1 : QUERN_PROGRESS_BEGUN;
			u32 addr = c->addr + slot * c->stride;

			if (c->good)
				quern_write(chip->qdev, QUERN_REG_TCM(addr / 4), want);
			KUNIT_EXPECT_EQ_MSG(test, quern_fw_progress(chip->qdev, slot), want, "%s",
					    c->name);
		}
	}
}

struct boot_state_case {
	u32 state;
	int error;
};

static const struct boot_state_case boot_state_cases[] = {
	{ QUERN_FW_STATE_OFF, -ETIMEDOUT },
	{ QUERN_FW_STATE_BOOTING, -ETIMEDOUT },
	{ QUERN_FW_STATE_READY, 0 },
	{ QUERN_FW_STATE_REFUSED, -EPROTO },
	{ QUERN_FW_STATE_CRASHED, -ETIMEDOUT },
	{ QUERN_FW_STATE_COUNT, -ETIMEDOUT },
	{ U32_MAX, -ETIMEDOUT },
};

static void boot_state_desc(const struct boot_state_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "state %u", c->state);
}

KUNIT_ARRAY_PARAM(boot_state, boot_state_cases, boot_state_desc);

/* A firmware that does not come up is halted, after cycles of the chip and not of the clock. */
static void fw_test_boot_state(struct kunit *test)
{
	const struct boot_state_case *c = test->param_value;
	struct quern_test_chip *chip = quern_test_chip_create(test);

	chip->boot_state = c->state;
	chip->cycles_per_step = 100000;
	KUNIT_EXPECT_EQ(test, fw_boot(chip), c->error);
	KUNIT_EXPECT_EQ(test, quern_fw_alive(chip->qdev), !c->error);
	/* And again, with a firmware that does. */
	chip->boot_state = QUERN_FW_STATE_READY;
	KUNIT_EXPECT_EQ(test, fw_boot(chip), 0);
}

static void log_write(struct quern_device *qdev, u32 written, char c)
{
	memcpy(qdev->fw.mem->log, &written, sizeof(written));
	memset(qdev->fw.mem->log + QUERN_LOG_HEADER_BYTES, c, QUERN_LOG_TEXT_BYTES);
}

/* The count that the firmware claims is worth nothing but where the newest text ends. */
static void fw_test_log_count(struct kunit *test)
{
	static const u32 counts[] = { 0, 1, 2, 100, 8191, 8192, 8193, 0x7fffffff, 0x80000000,
				      U32_MAX - 1, U32_MAX };
	struct quern_test_chip *chip = quern_test_chip_create(test);
	char *text = kunit_kzalloc(test, QUERN_LOG_TEXT_BYTES + 1, GFP_KERNEL);
	struct quern_device *qdev = chip->qdev;

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (unsigned int i = 0; i < ARRAY_SIZE(counts); i++) {
		u32 want = min_t(u32, counts[i], QUERN_LOG_TEXT_BYTES);

		log_write(qdev, counts[i], 'a');
		if (counts[i])
			qdev->fw.mem->log[QUERN_LOG_HEADER_BYTES + (counts[i] - 1) %
					  QUERN_LOG_TEXT_BYTES] = 'z';
		text[want] = '!';
		KUNIT_EXPECT_EQ(test, quern_fw_read_log(qdev, text, QUERN_LOG_TEXT_BYTES), want);
		KUNIT_EXPECT_EQ(test, text[want], '!');
		if (want)
			KUNIT_EXPECT_EQ_MSG(test, text[want - 1], 'z', "count %u", counts[i]);
		if (want > 1)
			KUNIT_EXPECT_EQ(test, text[0], 'a');
	}
}

/* A reader with less room gets the newest part. */
static void fw_test_log_short(struct kunit *test)
{
	struct quern_test_chip *chip = quern_test_chip_create(test);
	struct quern_device *qdev = chip->qdev;
	char text[5] = "....";

	log_write(qdev, 6, ' ');
	memcpy(qdev->fw.mem->log + QUERN_LOG_HEADER_BYTES, "abcdef", 6);
	KUNIT_EXPECT_EQ(test, quern_fw_read_log(qdev, text, 4), 4);
	KUNIT_EXPECT_STREQ(test, text, "cdef");
	KUNIT_EXPECT_EQ(test, quern_fw_read_log(qdev, text, 0), 0);
	KUNIT_EXPECT_STREQ(test, text, "cdef");
}

/* Nothing reaches a terminal but text. */
static void fw_test_log_text(struct kunit *test)
{
	struct quern_test_chip *chip = quern_test_chip_create(test);
	struct quern_device *qdev = chip->qdev;
	char text[256];

	log_write(qdev, 256, ' ');
	for (u32 i = 0; i < 256; i++)
		qdev->fw.mem->log[QUERN_LOG_HEADER_BYTES + i] = i;
	KUNIT_ASSERT_EQ(test, quern_fw_read_log(qdev, text, sizeof(text)), sizeof(text));
	for (u32 i = 0; i < 256; i++) {
		bool plain = i == '\n' || (i >= 0x20 && i <= 0x7e);

		KUNIT_EXPECT_EQ_MSG(test, (u8)text[i], plain ? i : '?', "byte %u", i);
	}
}

static struct kunit_case quern_fw_cases[] = {
	KUNIT_CASE(fw_test_image_field),
	KUNIT_CASE(fw_test_image_size),
	KUNIT_CASE(fw_test_image_bits),
	KUNIT_CASE(fw_test_boot),
	KUNIT_CASE(fw_test_reply),
	KUNIT_CASE(fw_test_progress),
	KUNIT_CASE_PARAM(fw_test_boot_state, boot_state_gen_params),
	KUNIT_CASE(fw_test_log_count),
	KUNIT_CASE(fw_test_log_short),
	KUNIT_CASE(fw_test_log_text),
	{}
};

static struct kunit_suite quern_fw_suite = {
	.name = "quern_fw",
	.test_cases = quern_fw_cases,
};

kunit_test_suite(quern_fw_suite);
