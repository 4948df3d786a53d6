"""Who comes when: what modality worklists are answered from, and what arriving studies are matched to."""
