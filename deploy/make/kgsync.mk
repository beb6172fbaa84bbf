# The graph on a laptop and in the bucket. In your Makefile:  include kgsync.mk
KGSYNC ?= kgsync
export KGSYNC_BUCKET ?= s3://my-bucket/my-app

.PHONY: pull push sync status

pull: ## bring the bucket's graph; work of yours that is not there yet is kept
	$(KGSYNC) pull

push: ## bring yours to the bucket; what others changed in the meantime is merged
	$(KGSYNC) push

sync: ## both, and the merged graph comes to the disk
	$(KGSYNC) sync

status: ## in step or not
	$(KGSYNC) status
