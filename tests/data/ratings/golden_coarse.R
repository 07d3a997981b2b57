# R's numbers for coarse_1_to_5.csv, whose participant:system variance is 0.3 % of the residual's.
# Usage: Rscript golden_coarse.R coarse_1_to_5.csv golden_coarse.json
suppressPackageStartupMessages({library(lme4);library(lmerTest);library(emmeans);library(jsonlite)})
args<-commandArgs(TRUE); options(contrasts=c("contr.sum","contr.poly"))
d<-read.csv(args[1],stringsAsFactors=TRUE)
ctl<-lmerControl(optimizer="bobyqa",optCtrl=list(rhoend=1e-10,maxfun=2e5),calc.derivs=FALSE,check.conv.singular="ignore")
m<-lmer(rating~group*system+(1|participant)+(1|song)+(1|participant:system)+(1|song:system)+(1|participant:song),d,control=ctl)
v<-as.data.frame(VarCorr(m)); p<-as.data.frame(pairs(emmeans(m,~system,lmer.df="satterthwaite"),adjust="none"))
write_json(list(packages=sapply(c("lme4","lmerTest","emmeans"),function(p) as.character(packageVersion(p))),
 REMLcrit=REMLcrit(m),variance=setNames(as.list(v$vcov),v$grp),pairs=p),args[2],digits=NA,auto_unbox=TRUE,pretty=TRUE)
