// SPDX-License-Identifier: MIT
// A kernel module through which a script asks the kernel's own functions for what KVM asks them: /proc/rmp_probe takes one command a line.
// Pages are numbers in the 2 MiB region that "region" allocates.
//
//   region                 allocates a region of 2 MiB
//   private PAGE COUNT     rmp_make_private of pages of 4 KiB
//   shared PAGE COUNT      rmp_make_shared of them
//   private2m, shared2m    of the region as one page
//   smash                  psmash
//   look PAGE              snp_lookup_rmpentry
//   store PAGE             writes a page through the direct map
//   try PAGE               the same by a store whose fault the kernel's table of exceptions mends
//   oops PAGE              the same by a thread of its own, which ends if the kernel finds no way out
//   peek PAGE              what the page begins with
//   plant PAGE             RMPUPDATE past the kernel's function, which would have split the mapping first; "unplant" takes it back
//   time COUNT             pairs of private and shared on page 0, and as many of the instructions alone
//   both COUNT             the same from two processors at once, on two halves of the region
#include <linux/init.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/proc_fs.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/sev.h>

#define REGION_ORDER 9
#define GUEST 5u
#define GUEST_BASE 0x40000000ul

static unsigned long region; // its first page frame
static atomic_t running;

static int make_private(unsigned long page)
{
	return rmp_make_private(region + page, GUEST_BASE + (page << PAGE_SHIFT), PG_LEVEL_4K, GUEST, false);
}

static int pairs(unsigned long page, unsigned long count)
{
	int code = 0;

	while (count-- && !code) {
		code = make_private(page);
		if (!code)
			code = rmp_make_shared(region + page, PG_LEVEL_4K);
	}
	return code;
}

static int work(void *argument)
{
	unsigned long packed = (unsigned long)argument;
	unsigned long page = packed & 511, count = packed >> 9, i;
	int code = 0;

	for (i = 0; i < count && !code; i++)
		code = pairs(page + i % 256, 1);
	pr_info("rmp_probe: from page %lu on -> %d\n", page, code);
	atomic_dec(&running);
	return 0;
}

static int both(unsigned long count)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct task_struct *task = kthread_create(work, (void *)((count << 9) | (i * 256)), "rmp_probe/%u", i);

		if (IS_ERR(task))
			return PTR_ERR(task);
		if (i < num_online_cpus())
			kthread_bind(task, i);
		atomic_inc(&running);
		wake_up_process(task);
	}
	while (atomic_read(&running))
		schedule_timeout_uninterruptible(1);
	return 0;
}

static int allocate(void)
{
	struct page *pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, REGION_ORDER);

	if (!pages)
		return -ENOMEM;
	region = page_to_pfn(pages);
	return 0;
}

// The instruction itself.
static int update(unsigned long page, bool assigned)
{
	u64 operand[2] __aligned(16) = { GUEST_BASE + (page << PAGE_SHIFT), assigned ? 1ull | (u64)GUEST << 32 : 0 };
	unsigned long code = (region + page) << PAGE_SHIFT;

	asm volatile(".byte 0xF2, 0x0F, 0x01, 0xFE" : "+a"(code) : "c"(operand) : "cc", "memory");
	return (int)code;
}

static void *place(unsigned long page)
{
	return __va((region + page) << PAGE_SHIFT);
}

static void store(unsigned long page)
{
	size_t bytes = 64;

	OPTIMIZER_HIDE_VAR(bytes); // so that it is the kernel's own function
	memset(place(page), 0x5A, bytes);
}

static int try_store(unsigned long page)
{
	u64 value = 0x5A5A5A5A5A5A5A5Aull;

	pagefault_disable();
	__put_kernel_nofault(place(page), &value, u64, fault);
	pagefault_enable();
	return 0;
fault:
	pagefault_enable();
	return -EFAULT;
}

static int stray(void *page)
{
	store((unsigned long)page);
	pr_info("rmp_probe: the thread has stored\n");
	return 0;
}

static int oops(unsigned long page)
{
	struct task_struct *task = kthread_run(stray, (void *)page, "rmp_probe/oops");

	return PTR_ERR_OR_ZERO(task);
}

static int look(unsigned long page)
{
	bool assigned = false;
	int level = 0;
	int code = snp_lookup_rmpentry(region + page, &assigned, &level);

	pr_info("rmp_probe: page %lu assigned %d level %d\n", page, assigned, level);
	return code;
}

#define BATCH 50ul

static int alone(unsigned long count)
{
	int code = 0;

	while (count-- && !code) {
		code = update(0, true);
		if (!code)
			code = update(0, false);
	}
	return code;
}

// All of it, and the quickest batch, which nobody interrupted.
static int measure(unsigned long count)
{
	u64 least[2] = { ~0ull, ~0ull }, sum[2] = { 0, 0 };
	unsigned long done;
	int code = 0, i;

	for (done = 0; done + BATCH <= count && !code; done += BATCH) {
		for (i = 0; i < 2 && !code; i++) {
			u64 time = ktime_get_ns();

			code = i ? alone(BATCH) : pairs(0, BATCH);
			time = ktime_get_ns() - time;
			sum[i] += time;
			least[i] = min(least[i], time);
		}
	}
	if (done && !code)
		pr_info("rmp_probe: %llu ns each, %llu ns the instruction alone; in the quickest batch %llu and %llu\n",
			sum[0] / (2 * done), sum[1] / (2 * done), least[0] / (2 * BATCH), least[1] / (2 * BATCH));
	return code;
}

static int carry_out(const char *what, unsigned long page, unsigned long count)
{
	unsigned long i;
	int code = 0;

	if (!strcmp(what, "region"))
		return allocate();
	if (!region)
		return -ENOMEM;
	if (!strcmp(what, "private")) {
		for (i = 0; i < count && !code; i++)
			code = make_private(page + i);
	} else if (!strcmp(what, "shared")) {
		for (i = 0; i < count && !code; i++)
			code = rmp_make_shared(region + page + i, PG_LEVEL_4K);
	} else if (!strcmp(what, "private2m")) {
		code = rmp_make_private(region, GUEST_BASE, PG_LEVEL_2M, GUEST, false);
	} else if (!strcmp(what, "shared2m")) {
		code = rmp_make_shared(region, PG_LEVEL_2M);
	} else if (!strcmp(what, "smash")) {
		code = psmash(region);
	} else if (!strcmp(what, "look")) {
		code = look(page);
	} else if (!strcmp(what, "store")) {
		store(page);
	} else if (!strcmp(what, "try")) {
		code = try_store(page);
	} else if (!strcmp(what, "oops")) {
		code = oops(page);
	} else if (!strcmp(what, "peek")) {
		pr_info("rmp_probe: page %lu begins with 0x%llx\n", page, *(volatile u64 *)place(page));
	} else if (!strcmp(what, "plant")) {
		code = update(page, true);
	} else if (!strcmp(what, "unplant")) {
		code = update(page, false);
	} else if (!strcmp(what, "time")) {
		code = measure(page);
	} else if (!strcmp(what, "both")) {
		code = both(page);
	} else {
		code = -EINVAL;
	}
	return code;
}

static ssize_t command(struct file *file, const char __user *from, size_t bytes, loff_t *offset)
{
	char line[64], what[16] = "";
	unsigned long page = 0, count = 1;

	if (bytes >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, bytes))
		return -EFAULT;
	line[bytes] = 0;
	if (sscanf(line, "%15s %lu %lu", what, &page, &count) < 1)
		return -EINVAL;
	pr_info("rmp_probe: %s %lu %lu of region 0x%lx -> %d\n", what, page, count, region << PAGE_SHIFT, carry_out(what, page, count));
	return bytes;
}

static const struct proc_ops operations = { .proc_write = command };

static int __init start(void)
{
	return proc_create("rmp_probe", 0200, NULL, &operations) ? 0 : -ENOMEM;
}

static void __exit end(void)
{
	remove_proc_entry("rmp_probe", NULL);
}

module_init(start);
module_exit(end);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Asks the kernel's own RMP functions");
